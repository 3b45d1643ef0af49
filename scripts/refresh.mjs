// npm run refresh: what has changed in the databases behind the stack's back.
import { DEV, helpFor, shortName, splitStack } from "./lib/arguments.mjs";
import { command } from "./lib/failure.mjs";
import { setUp } from "./lib/set-up.mjs";
import { runPulumi } from "./lib/stack.mjs";
import { say } from "./lib/terminal.mjs";

helpFor(`
npm run refresh [-- <flags of pulumi refresh>]

Compares each database of the stack with what the stack recorded, and records and names what differs (drift). Repairs
nothing; the next \`npm run preview\` shows it. On stack dev it does not ask.

  npm run refresh                          stack dev
  npm run refresh -- --preview-only        only show, record nothing
  npm run refresh -- --stack staging       another stack, with your own backend and passphrase
  npm run pulumi -- refresh --help         Pulumi's own flags
`);

await command(async () => {
  const { stack, rest } = splitStack(process.argv.slice(2));
  const yes = shortName(stack) === DEV ? ["--yes"] : [];
  const tools = await setUp(stack);
  say();
  return runPulumi(tools, ["refresh", "--stack", stack, ...yes, ...rest]);
});
