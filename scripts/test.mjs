// npm test: from a fresh clone to the last line "N passed, N failed".
import { join } from "node:path";
import { helpFor } from "./lib/arguments.mjs";
import { TESTS, compile } from "./lib/compile.mjs";
import { ensureEngine } from "./lib/engine.mjs";
import { Failure, command, report } from "./lib/failure.mjs";
import { checkNode, installDependencies } from "./lib/install.mjs";
import { runMocha, testEnvironment, testEnvironmentWithEngine } from "./lib/mocha.mjs";
import { paths, root } from "./lib/paths.mjs";
import { Unobtainable, ensureMajor } from "./lib/postgres-majors.mjs";
import { OLDEST } from "./lib/postgres-versions.mjs";
import { capture } from "./lib/processes.mjs";
import { alone } from "./lib/set-up.mjs";
import { say, step } from "./lib/terminal.mjs";

helpFor(`
npm test [-- <arguments of mocha>]

Runs everything from a fresh clone on: dependencies, engine, compiler, eslint, prettier, mocha; some of it once more on
the oldest PostgreSQL that is supported, which comes from npm. Needs no root and no Kubernetes. The last line is \`N passed, N failed\`: each test counts as one, and so do compiler, eslint and prettier.

  npm test
  npm test -- -g checksum          only tests whose name holds this
`);

const OLDEST_CONFIG = join(root, "test", "majors", "oldest.mocharc.cjs");

const total = { passed: 0, failed: 0 };

await command(async () => {
  try {
    await run(process.argv.slice(2));
  } catch (error) {
    report(error);
    total.failed += 1;
  }
  say(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
});

async function run(mochaArguments) {
  checkNode();
  const engine = await alone(async () => {
    await step("dependencies", installDependencies);
    return step("engine", ensureEngine);
  });
  const hasOldest = await alone(ensureOldest);
  const compiled = await check("compiler", (progress) => alone(() => compile(TESTS, progress)));
  await check("eslint", () => tool("eslint", ["bin", "eslint.js"], ["."]));
  await check("prettier", () => tool("prettier", ["bin", "prettier.cjs"], ["--check", "."]));
  if (!compiled) return say("the tests do not run: the program does not compile");
  await count(runMocha(mochaArguments, testEnvironmentWithEngine(engine)));
  if (!hasOldest) return;
  say(`The same engine on PostgreSQL ${OLDEST}:`);
  const environment = { ...testEnvironment(), TIDEMARK_TEST_POSTGRES: String(OLDEST) };
  await count(runMocha(["--config", OLDEST_CONFIG, ...mochaArguments], environment));
}

async function count(run) {
  const { passed, failed } = await run;
  total.passed += passed;
  total.failed += failed;
}

/**
 * Whether the oldest major is here, so that the tests on it can run. Where it cannot be had (no registry within reach, no
 * package for this platform) they are left out by name; in CI that is a failure.
 */
async function ensureOldest() {
  try {
    await step(`PostgreSQL ${OLDEST}`, (progress) => ensureMajor(OLDEST, progress));
    return true;
  } catch (error) {
    const isLeftOut = error instanceof Unobtainable && !process.env.CI;
    if (isLeftOut) say(`left out: the tests on PostgreSQL ${OLDEST}, which cannot be had here`);
    else total.failed += 1;
    report(error);
    return false;
  }
}

/** One check of its own: a failure counts, says what is wrong, and the others go on. */
async function check(name, work) {
  try {
    await step(name, work);
    total.passed += 1;
    return true;
  } catch (error) {
    report(error);
    total.failed += 1;
    return false;
  }
}

async function tool(name, path, args) {
  const program = join(paths.nodeModules, name, ...path);
  const { code, stdout, stderr } = await capture(process.execPath, [program, ...args], {
    cwd: root,
  });
  if (code === 0) return { reason: `${name} ${args.join(" ")}` };
  throw new Failure(
    `${name} ${args.join(" ")}:\n${(stdout + stderr).trim()}`,
    "npm run format, or correct it by hand",
  );
}
