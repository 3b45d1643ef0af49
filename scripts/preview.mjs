// npm run preview: what `npm run up` would do.
import { helpFor, splitStack } from "./lib/arguments.mjs";
import { command } from "./lib/failure.mjs";
import { setUp } from "./lib/set-up.mjs";
import { runPulumi } from "./lib/stack.mjs";
import { say } from "./lib/terminal.mjs";

helpFor(`
npm run preview [-- <flags of pulumi preview>]

Shows what \`npm run up\` would do: which migrations would run, against which version, with which locks. Changes no
database. Makes what is missing first (dependencies, engine, PostgreSQL, an empty stack), so it works on a fresh clone.

  npm run preview                          stack dev
  npm run preview -- --diff                with Pulumi's detailed differences
  npm run preview -- --stack staging       another stack, with your own backend and passphrase
  npm run pulumi -- preview --help         Pulumi's own flags
`);

await command(async () => {
  const { stack, rest } = splitStack(process.argv.slice(2));
  const tools = await setUp(stack);
  say();
  return runPulumi(tools, ["preview", "--stack", stack, ...rest]);
});
