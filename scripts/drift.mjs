// npm run drift: for cron. What differs from what the stack recorded; changes neither state nor databases.
import { join } from "node:path";

import { helpFor, splitStack } from "./lib/arguments.mjs";
import { command, Failure, usage } from "./lib/failure.mjs";
import { root } from "./lib/paths.mjs";
import { capture } from "./lib/processes.mjs";
import { setUp } from "./lib/set-up.mjs";
import { paint, say } from "./lib/terminal.mjs";

/** As Pulumi's own `preview --expect-no-changes`. */
const DIFFERS = 7;
const NOT_ASKED = 1;

helpFor(`
npm run drift [-- --stack <name>] [-- --json]

Compares each database of a stack with what its last update recorded, and names what differs, with before and after.
Changes neither the state nor a database.

  npm run drift                            stack dev
  npm run drift -- --stack staging         another stack, with your own backend and passphrase
  npm run drift -- --json                  { stack, drift: { <database>: [...] }, notAsked: { <database>: why } }

Exit code: 0 nothing differs, 7 something does, 1 a database could not be asked or the command failed.
`);

await command(async () => {
  const { stack, rest } = splitStack(process.argv.slice(2));
  const asJson = rest.includes("--json");
  const unknown = rest.find((argument) => argument !== "--json");
  if (unknown) throw usage(`${unknown} is not known here; see npm run drift -- --help`);
  const { environment } = await setUp(stack);
  const databases = await statusOf(stack, environment);
  const drift = pick(databases, ({ drift }) => (drift.length > 0 ? drift : undefined));
  const notAsked = pick(databases, ({ knowledge, why }) =>
    knowledge === "live" ? undefined : (why ?? "not asked"),
  );
  if (asJson) process.stdout.write(`${JSON.stringify({ stack, drift, notAsked }, null, 2)}\n`);
  else print(databases, drift, notAsked);
  if (Object.keys(drift).length > 0) return DIFFERS;
  return Object.keys(notAsked).length > 0 ? NOT_ASKED : 0;
});

async function statusOf(stack, env) {
  const program = join(root, "bin", "engine", "cli", "main.js");
  const args = [program, "status", "--stack", stack, "--json"];
  const { stdout, stderr } = await capture(process.execPath, args, { cwd: root, env });
  const report = parsed(stdout);
  if (report?.databases) return report.databases;
  const { message, remedy } = report?.error ?? {};
  throw new Failure(message ?? `tidemark status has failed:\n${stderr.trim()}`, remedy);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pick(databases, valueOf) {
  const entries = databases.map((database) => [database.name, valueOf(database)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function print(databases, drift, notAsked) {
  say();
  for (const { name } of databases) {
    if (notAsked[name] !== undefined) say(`${paint.yellow("?")} ${name}: ${notAsked[name]}`);
    else if (!drift[name]) say(`${paint.green("✓")} ${name}: as recorded`);
    for (const line of drift[name] ?? []) say(`${paint.red("✗")} ${name}: ${line}`);
  }
}
