// npm run pulumi -- <anything>: the Pulumi CLI with the environment of the stack that is named (dev if none is).
// .tidemark/env puts it on PATH as `pulumi`.
import { DEV, shortName, splitStack } from "./lib/arguments.mjs";
import { ensureEngine, rememberedEngine } from "./lib/engine.mjs";
import { pulumiEnvironment, prepareLocal } from "./lib/environment.mjs";
import { command } from "./lib/failure.mjs";
import { runPulumi } from "./lib/stack.mjs";
import { step } from "./lib/terminal.mjs";

const HELP = `
npm run pulumi -- <arguments of pulumi>

The Pulumi CLI with the right environment: for stack dev (also when no stack is named) its state, its passphrase and
Pulumi's home in .tidemark/, unless you set others; for every other stack what you set.

  npm run pulumi -- stack output -s dev
  npm run pulumi -- preview -s dev --diff
  npm run pulumi -- up --help              Pulumi's own help of a command

After \`. .tidemark/env\` the same is plain \`pulumi …\` in this shell.
`;

await command(async () => {
  const args = process.argv.slice(2);
  if (args.length === 0) return void process.stdout.write(`${HELP.trim()}\n`);
  const engine = rememberedEngine() ?? (await step("engine", ensureEngine));
  const { stack } = splitStack(args);
  if (shortName(stack) === DEV) prepareLocal();
  return runPulumi(
    { engine, environment: pulumiEnvironment({ stack, engine }), cwd: process.cwd() },
    args,
  );
});
