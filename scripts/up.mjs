// npm run up: from a fresh clone to migrated databases; a second run changes nothing.
import { DEV, helpFor, shortName, splitStack } from "./lib/arguments.mjs";
import { command } from "./lib/failure.mjs";
import { setUp } from "./lib/set-up.mjs";
import { runPulumi } from "./lib/stack.mjs";
import { printSummary } from "./lib/summary.mjs";
import { say } from "./lib/terminal.mjs";

const args = process.argv.slice(2);

// A database that fails must not keep the others from their migrations.
const DEV_FLAGS = ["--yes", "--continue-on-error"];

// The table at the end says it in fewer lines.
const outputsFlag = (rest) =>
  rest.some((flag) => /^--(suppress-outputs|json)|^-j$/.test(flag)) ? [] : ["--suppress-outputs"];

helpFor(`
npm run up [-- <flags of pulumi up>]

Brings stack dev up, from a fresh clone too: installs the dependencies, finds or downloads or builds the Pulumi
engine, starts a PostgreSQL of its own, creates the stack, and runs \`pulumi up --yes --continue-on-error\`. Ends with
the databases, their versions and how to connect. Safe to interrupt and to run again; does nothing where nothing is to
be done. All that it keeps lies in .tidemark/.

Another stack is brought up with your own backend and passphrase, and Pulumi asks before it changes anything.

  npm run up                               stack dev
  npm run up -- --diff                     with Pulumi's detailed differences
  npm run up -- --stack staging --diff     another stack
  npm run pulumi -- up --help              Pulumi's own flags
`);

await command(async () => {
  const { stack, rest } = splitStack(args);
  const dev = shortName(stack) === DEV;
  const tools = await setUp(stack);
  say();
  const code = await runPulumi(tools, [
    "up",
    "--stack",
    stack,
    ...(dev ? [...DEV_FLAGS, ...outputsFlag(rest)] : []),
    ...rest,
  ]);
  if (code === 0 && dev && !rest.some((flag) => flag === "--json" || flag === "-j"))
    await printSummary(tools);
  return code;
});
