// npm run test:faults: hundreds of faults on real PostgreSQL; from a fresh clone to the line "N passed, N failed".
import { join } from "node:path";
import { helpFor } from "./lib/arguments.mjs";
import { TESTS, compile } from "./lib/compile.mjs";
import { checkNode, installDependencies } from "./lib/install.mjs";
import { runMocha, testEnvironment } from "./lib/mocha.mjs";
import { root } from "./lib/paths.mjs";
import { alone } from "./lib/set-up.mjs";
import { step } from "./lib/terminal.mjs";
import { given, testCommand } from "./lib/test-command.mjs";

helpFor(`
npm run test:faults [-- <arguments of mocha>]

Runs our command on random projects, strikes it (SIGKILL, backend ended, connection cut, server crashed, several at
once), and looks at what it left and at what the next run makes of it. About half an hour. Prints a table of the rounds;
the last line is \`N passed, N failed\`.

  npm run test:faults
  npm run test:faults -- -g "index kill"                       only one kind of fault
  TIDEMARK_FAULTS_ROUNDS=5000 npm run test:faults              more rounds (default 2000)
  TIDEMARK_FAULTS_SEED=42 npm run test:faults                  the rounds of a seed; a failure names its own
  TIDEMARK_TEST_URL=postgresql://… npm run test:faults         on that server (as superuser), not an embedded one
`);

const CONFIG = join(root, "test", "faults", "mocharc.cjs");
const SETTINGS = ["TIDEMARK_TEST_URL", "TIDEMARK_FAULTS_ROUNDS", "TIDEMARK_FAULTS_SEED"];

await testCommand(run);

async function run(mochaArguments) {
  checkNode();
  await alone(async () => {
    await step("dependencies", installDependencies);
    await step("compiler", (progress) => compile(TESTS, progress));
  });
  return runMocha(["--config", CONFIG, ...mochaArguments], {
    ...testEnvironment(),
    ...given(SETTINGS),
  });
}
