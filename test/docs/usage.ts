/** Commands that are shown and not run, since they need a cloud or a registry: the command exists and has the flags. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { REPOSITORY } from "./blocks";
import type { Clone } from "./clone";

interface Package {
  readonly scripts: Readonly<Record<string, string>>;
}

const scripts = () =>
  (JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as Package).scripts;

/** @throws AssertionError for a command or a flag that its own help does not know */
export async function checkUsage(text: string, clone: Clone): Promise<void> {
  const commands = text
    .replaceAll("\\\n", " ")
    .split(/\n|&&/)
    .map((line) => line.replace(/(^| )#.*$/, "").trim())
    .filter((line) => line && !line.startsWith("export "));
  assert.notEqual(commands.length, 0, "there is no command in it");
  for (const line of commands) await checkCommand(line, clone);
}

async function checkCommand(line: string, clone: Clone): Promise<void> {
  const words = line.split(/\s+/).filter((word) => !/^[A-Z_]+=/.test(word));
  const help = helpCommand(words, line);
  const { code, text } = await clone.run(help);
  assert.equal(code, 0, `${help}\n${text}`);
  for (const flag of words.filter((word) => /^--?[a-z]/.test(word))) {
    const name = flag.replace(/=.*$/, "");
    assert.ok(new RegExp(`(^|[\\s,])${name}\\b`, "m").test(text), `${help} knows no ${name}`);
  }
}

function helpCommand(words: readonly string[], line: string): string {
  const [program, first = "", second = ""] = words[0] === "npx" ? words.slice(1) : words;
  if (program === "tidemark") return `npx tidemark ${first} --help`;
  if (program === "pulumi") {
    const nested = /^(config|stack)$/.test(first) && /^[a-z-]+$/.test(second) ? ` ${second}` : "";
    return `pulumi ${first}${nested} --help`;
  }
  assert.ok(program === "npm" && first === "run" && second in scripts(), `not a command: ${line}`);
  const own = `npm run ${second} -- --help`;
  return /^(up|preview|refresh)$/.test(second) ? `${own} && pulumi ${second} --help` : own;
}
