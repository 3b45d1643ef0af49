// npm run golden:update: everything that each stack would register, in test/golden/, for reviewers and for the tests.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { helpFor } from "./lib/arguments.mjs";
import { PROGRAM, compile } from "./lib/compile.mjs";
import { command } from "./lib/failure.mjs";
import { capture } from "./lib/processes.mjs";
import { root } from "./lib/paths.mjs";
import { dump } from "./lib/render-dump.mjs";
import { recordStack } from "./lib/render-program.mjs";
import { alone } from "./lib/set-up.mjs";
import { say } from "./lib/terminal.mjs";

const STACKS = ["dev", "staging", "production"];

helpFor(`
npm run golden:update

Writes test/golden/<stack>.json anew. Look at the difference before you commit it: it is what the next update of that
stack would change.
`);

await command(async () => {
  const [flag, stack] = process.argv.slice(2);
  if (flag === "--print") return print(stack);
  await alone(() => compile(PROGRAM, { progress: () => {} }));
  mkdirSync(join(root, "test", "golden"), { recursive: true });
  for (const each of STACKS) await update(each);
});

/** One stack's dump on stdout; a process of its own for each, since a program runs once. */
async function print(stack) {
  const { registrations } = await recordStack(stack, { preview: false });
  process.stdout.write(`${JSON.stringify(dump(registrations), null, 2)}\n`);
}

async function update(stack) {
  const script = join(root, "scripts", "golden.mjs");
  const { code, stdout, stderr } = await capture(process.execPath, [script, "--print", stack], {
    cwd: root,
  });
  if (code !== 0) throw new Error(stderr);
  writeFileSync(join(root, "test", "golden", `${stack}.json`), stdout);
  say(`test/golden/${stack}.json: ${JSON.parse(stdout).length} resources`);
}
