// Mocha over what is compiled, in an environment that holds nothing of the user's databases and backends.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { userEnvironment } from "./environment.mjs";
import { paths, root } from "./paths.mjs";
import { runForeground } from "./processes.mjs";
import { say } from "./terminal.mjs";

/** Runs mocha with these arguments and says how many tests `{ passed, failed }`. */
export async function runMocha(args, env) {
  const counts = join(paths.build, `test-counts-${process.pid}.json`);
  mkdirSync(paths.build, { recursive: true });
  const reporter = join(root, "scripts", "lib", "mocha-reporter.cjs");
  const mocha = join(paths.nodeModules, "mocha", "bin", "mocha.js");
  say();
  const code = await runForeground(process.execPath, [mocha, "--reporter", reporter, ...args], {
    cwd: root,
    env: { ...env, TIDEMARK_TEST_COUNTS: counts },
  });
  const { passed, failed } = existsSync(counts)
    ? JSON.parse(readFileSync(counts, "utf8"))
    : { passed: 0, failed: 0 };
  rmSync(counts, { force: true });
  // Mocha can fail without a failed test, for instance when a file does not load.
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed };
}

/** What tests may know of the outside. */
export function testEnvironment() {
  const foreign = /^(PULUMI_|FLYWAY_|TIDEMARK_|PG[A-Z]|DATABASE_URL$)/;
  return Object.fromEntries(
    Object.entries(userEnvironment()).filter(([name]) => !foreign.test(name)),
  );
}

/** The same, with the engine of Pulumi. */
export function testEnvironmentWithEngine(engine) {
  return {
    ...testEnvironment(),
    PATH: [engine.directory, process.env.PATH].join(delimiter),
    PULUMI_HOME: paths.pulumiHome,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    TIDEMARK_ENGINE_BINARY: engine.binary,
    TIDEMARK_ENGINE_DIRECTORY: engine.directory,
    TIDEMARK_ENGINE_VERSION: engine.version,
  };
}
