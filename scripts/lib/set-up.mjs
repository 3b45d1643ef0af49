// All that a command needs before Pulumi runs: from a fresh clone to a stack that can be previewed, or at once to
// "all there". The order is that of need; each step says why it did or did not do something.
import { DEV, shortName } from "./arguments.mjs";
import { PROGRAM, compile } from "./compile.mjs";
import { ensureEngine } from "./engine.mjs";
import {
  checkUsersStack,
  prepareLocal,
  pulumiEnvironment,
  writeEnvironmentFile,
} from "./environment.mjs";
import { checkNode, installDependencies } from "./install.mjs";
import { withLock } from "./lock.mjs";
import { makeLocal, paths } from "./paths.mjs";
import { startServer } from "./postgres-server.mjs";
import { ensureStack } from "./stack.mjs";
import { say, step } from "./terminal.mjs";

/** One set-up at a time in this clone. */
export function alone(work) {
  makeLocal();
  return withLock(paths.lock, work, (pid) =>
    say(`another set-up (process ${pid}) is at work here; waiting for it`),
  );
}

/** Node, dependencies, compiled program, engine: `{ engine }`. */
export async function setUpTools(config = PROGRAM) {
  checkNode();
  await step("dependencies", installDependencies);
  const engine = await step("engine", ensureEngine);
  await step("program", (report) => compile(config, report));
  return { engine };
}

/** Everything for Pulumi commands on `stack`: `{ engine, environment, server? }`. */
export async function setUp(stack) {
  const local = shortName(stack) === DEV;
  if (!local) checkUsersStack(stack);
  return alone(async () => {
    const { engine } = await setUpTools();
    const environment = pulumiEnvironment({ stack, engine });
    if (!local) return { engine, environment };
    prepareLocal();
    writeEnvironmentFile();
    const server = await step("PostgreSQL", startDevServer);
    await step("stack", ({ note }) => ensureStack({ engine, environment, note }));
    return { engine, environment, server };
  });
}

export async function startDevServer({ note }) {
  const server = await startServer({ home: paths.postgres, log: note });
  const state = server.alreadyRunning ? "was running" : "started";
  return { reason: `${state} on ${server.host}:${server.port}`, value: server };
}
