// npm run down: destroys stack dev and stops PostgreSQL; the data stays unless --purge is given.
import { rmSync } from "node:fs";
import { DEV, helpFor, shortName, splitStack } from "./lib/arguments.mjs";
import { rememberedEngine } from "./lib/engine.mjs";
import { isLocalBackend, prepareLocal, pulumiEnvironment } from "./lib/environment.mjs";
import { Failure, command, usage } from "./lib/failure.mjs";
import { paths } from "./lib/paths.mjs";
import { purgeServer, stopServer } from "./lib/postgres-server.mjs";
import { alone, startDevServer } from "./lib/set-up.mjs";
import { runPulumi, stackExists } from "./lib/stack.mjs";
import { say, step } from "./lib/terminal.mjs";

helpFor(`
npm run down [-- --purge] [<flags of pulumi destroy>]

Destroys stack dev (\`pulumi destroy --yes\`: it forgets the databases, it drops none) and stops PostgreSQL. The data
stays: the next \`npm run up\` finds it and goes on from there.

  npm run down
  npm run down -- --purge          also removes the data, the stack and its state
  npm run down -- --purge --force  the same, even if the stack cannot be destroyed
  npm run pulumi -- destroy --help Pulumi's own flags; another stack is destroyed with \`npm run pulumi\`
`);

const OWN_FLAGS = ["--purge", "--force"];

await command(async () => {
  const { stack, rest } = splitStack(process.argv.slice(2));
  if (shortName(stack) !== DEV) {
    throw usage(
      `npm run down is for stack dev, not ${stack}`,
      `npm run pulumi -- destroy --stack ${stack}`,
    );
  }
  const [purge, force] = OWN_FLAGS.map((flag) => rest.includes(flag));
  const flags = rest.filter((flag) => !OWN_FLAGS.includes(flag));
  const code = await destroy(flags, purge);
  if (code !== 0 && purge && !force) {
    throw new Failure(
      "the stack was not destroyed: nothing is purged",
      "npm run down -- --purge --force",
      code,
    );
  }
  await alone(() => step("PostgreSQL", stop));
  if (purge) await step("purge", removeLocalState);
  return force ? 0 : code;
});

/** Destroys the stack if there is one; returns Pulumi's exit code. */
async function destroy(flags, purge) {
  const engine = rememberedEngine();
  if (!engine) return nothing("there is no engine here");
  prepareLocal();
  const environment = pulumiEnvironment({ stack: DEV, engine });
  if (!(await stackExists({ engine, environment }))) return nothing("there is none");
  // A database may be dropped on destroy, where the configuration says so.
  await alone(() => step("PostgreSQL", startDevServer));
  say();
  const code = await runPulumi({ engine, environment }, [
    "destroy",
    "--stack",
    DEV,
    "--yes",
    ...flags,
  ]);
  // State of our own goes as a whole; on a backend of the user's only the stack does.
  if (code !== 0 || !purge || isLocalBackend()) return code;
  return runPulumi({ engine, environment }, ["stack", "rm", DEV, "--yes", "--preserve-config"]);
}

async function nothing(why) {
  await step("stack", () => ({ reason: `nothing to destroy: ${why}` }));
  return 0;
}

async function stop({ note }) {
  const stopped = await stopServer({ home: paths.postgres, log: note });
  return { reason: stopped ? "stopped, its data stays" : "was not running" };
}

async function removeLocalState({ note }) {
  await purgeServer({ home: paths.postgres, log: note });
  for (const path of [
    paths.state,
    paths.stack,
    paths.passphrase,
    paths.pgpass,
    paths.env,
    paths.shims,
  ]) {
    rmSync(path, { recursive: true, force: true });
  }
  return { reason: "data, stack and state removed; the engine and the dependencies stay" };
}
