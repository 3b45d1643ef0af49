import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join, sep } from "node:path";

import type { TidemarkError } from "../../core/errors";
import { type Finished, runToEnd } from "../child";
import { nearest } from "../near";
import { configurationError } from "../read-setting";

/**
 * The state of a stack as `pulumi stack export --show-secrets` writes it. It comes through a pipe: nothing of it is in
 * arguments, in the environment or in a file.
 * @param project the project's folder
 * @throws TidemarkError (CONFIGURATION) where Pulumi is not there, or refuses: no such stack, no login, no passphrase.
 */
export async function exportStack(project: string, stack: string): Promise<unknown> {
  if (stack === "" || stack.startsWith("-"))
    throw configurationError(`--stack: "${stack}" is no name of a stack.`, "Write --stack dev.");
  const pulumi = findPulumi(project);
  const args = ["stack", "export", "--show-secrets", "--stack", stack];
  const { code, stdout, stderr } = await run(pulumi, args, project);
  if (code !== 0) throw await refusal(stderr, { pulumi, project, stack });
  try {
    return JSON.parse(stdout);
  } catch {
    throw configurationError(
      `What Pulumi exports of stack ${stack} is no JSON.`,
      "See what pulumi stack export prints; another program called pulumi may come first on PATH.",
    );
  }
}

/**
 * The repository's own launcher, which gives stack dev its backend and passphrase; else what is on PATH; else the engine
 * that the set-up has remembered. The npm package of that name downloads at its first use, and is passed over.
 */
function findPulumi(project: string): string {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = [
    join(project, ".tidemark", "bin", "pulumi"),
    ...folders
      .filter((folder) => folder !== "" && !folder.split(sep).includes("node_modules"))
      .map((folder) => join(folder, process.platform === "win32" ? "pulumi.exe" : "pulumi")),
    rememberedEngine(project),
  ];
  const found = candidates.find((file) => file !== undefined && isExecutable(file));
  if (found !== undefined) return found;
  throw configurationError(
    "--stack needs the Pulumi CLI to read the stack's state, and there is no pulumi on PATH.",
    "Install it (https://www.pulumi.com/docs/install/), run npm run up once, or give --url in place of --stack.",
  );
}

function rememberedEngine(project: string): string | undefined {
  try {
    const text = readFileSync(join(project, ".tidemark", "engine.json"), "utf8");
    const { engine } = JSON.parse(text) as { engine?: { binary?: unknown } };
    return typeof engine?.binary === "string" ? engine.binary : undefined;
  } catch {
    return undefined;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function run(program: string, args: readonly string[], cwd: string): Promise<Finished> {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const all = [...args, "--non-interactive", "--color", "never"];
  return runToEnd(program, all, { cwd, env }).catch((error: Error) => {
    throw configurationError(
      `Pulumi cannot be started: ${error.message}.`,
      "Check what pulumi on PATH is.",
    );
  });
}

interface Question {
  readonly pulumi: string;
  readonly project: string;
  readonly stack: string;
}

/** The refusals that a user meets, each with its way out; any other is quoted. */
async function refusal(stderr: string, question: Question): Promise<TidemarkError> {
  const { stack } = question;
  const said = stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("warning:"))
    .join(" ")
    .replace(/^error: /, "")
    .slice(0, 400);
  if (/no stack named|stack .*not found|404/i.test(said)) return unknownStack(question);
  if (/passphrase/i.test(said))
    return configurationError(
      `The secrets of stack ${stack} cannot be read: its passphrase is missing or another one.`,
      "Set PULUMI_CONFIG_PASSPHRASE_FILE or PULUMI_CONFIG_PASSPHRASE to the stack's own; for stack dev: . .tidemark/env.",
    );
  if (/pulumi login|PULUMI_ACCESS_TOKEN|credentials/i.test(said))
    return configurationError(
      `Pulumi knows no backend for stack ${stack}: ${said}.${await meantStack(question)}`,
      "Log in (pulumi login <url>) or set PULUMI_BACKEND_URL; for stack dev run npm run up once.",
    );
  return configurationError(
    `Pulumi cannot read the state of stack ${stack}: ${said || "it says nothing"}`,
    `Try pulumi stack export --stack ${stack} in this folder; what it needs, this command needs.`,
  );
}

async function unknownStack(question: Question): Promise<TidemarkError> {
  const known = await stacksOf(question);
  return configurationError(
    `There is no stack ${question.stack} in this backend.${hintOf(question, known)}`,
    known.length > 0
      ? `There are: ${known.join(", ")}. A new one is made by its first up.`
      : "There is none: run up first (npm run up), or log in to the backend that has it.",
  );
}

/** The repository's launcher has a backend for stack dev alone. */
async function meantStack(question: Question): Promise<string> {
  return hintOf(question, await stacksOf(question));
}

function hintOf({ stack }: Question, known: readonly string[]): string {
  const meant = nearest(stack, known);
  return meant === undefined || meant === stack ? "" : ` Did you mean ${meant}?`;
}

async function stacksOf({ pulumi, project }: Question): Promise<string[]> {
  try {
    const { stdout } = await run(pulumi, ["stack", "ls", "--json"], project);
    return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
  } catch {
    return [];
  }
}
