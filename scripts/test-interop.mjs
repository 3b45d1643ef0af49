// npm run test:interop: beside real Flyway on one PostgreSQL; from a fresh clone to the line "N passed, N failed".
import { join } from "node:path";
import { helpFor } from "./lib/arguments.mjs";
import { TESTS, compile } from "./lib/compile.mjs";
import { ensureFlyway } from "./lib/flyway.mjs";
import { checkNode, installDependencies } from "./lib/install.mjs";
import { runMocha, testEnvironment } from "./lib/mocha.mjs";
import { root } from "./lib/paths.mjs";
import { alone } from "./lib/set-up.mjs";
import { step } from "./lib/terminal.mjs";
import { given, testCommand } from "./lib/test-command.mjs";

helpFor(`
npm run test:interop [-- <arguments of mocha>]

Runs our command and real Flyway 13 on the same databases: one after the other, both at once, and side by side on
random projects. Needs a JDK (17 or newer) and Maven. The last line is \`N passed, N failed\`.

  npm run test:interop
  npm run test:interop -- -g "at once"                             only tests whose name holds this
  TIDEMARK_INTEROP_RUNS=500 npm run test:interop -- -g random      more random projects (default 25)
  TIDEMARK_INTEROP_SEED=42 npm run test:interop -- -g random       the projects of a seed that a failure named
  TIDEMARK_TEST_URL=postgresql://… npm run test:interop            on that server (as superuser), not an embedded one
`);

const CONFIG = join(root, "test", "interop", "mocharc.cjs");
const SETTINGS = ["TIDEMARK_TEST_URL", "TIDEMARK_INTEROP_RUNS", "TIDEMARK_INTEROP_SEED"];

await testCommand(run);

async function run(mochaArguments) {
  checkNode();
  const flyway = await alone(async () => {
    await step("dependencies", installDependencies);
    await step("compiler", (progress) => compile(TESTS, progress));
    return step("Flyway", ensureFlyway);
  });
  return runMocha(["--config", CONFIG, ...mochaArguments], {
    ...testEnvironment(),
    ...given(SETTINGS),
    TIDEMARK_FLYWAY_CLASSPATH: flyway.classpath,
  });
}
