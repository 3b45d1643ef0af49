// Stryker over one folder: installed on demand at the versions of scripts/mutants/package-lock.json.
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, relative } from "node:path";
import { Failure } from "./failure.mjs";
import { npm } from "./install.mjs";
import { testEnvironment } from "./mocha.mjs";
import { local, paths, root } from "./paths.mjs";
import { capture, runForeground } from "./processes.mjs";

/** What is mutated, and the tests that run on each change: those of the folder itself, and of what is made from it. */
const TESTS_OF = {
  config: ["bin/test/config/*.test.js", "bin/test/options/generated.test.js"],
  "engine/core": ["bin/test/core/*.test.js"],
  "engine/files": ["bin/test/files/*.test.js"],
};
export const FOLDERS = Object.keys(TESTS_OF);

const SOURCE = join(root, "scripts", "mutants");
const HOME = join(local, "mutants");

/** A step: the folder in which Stryker is installed. npm checks each package against the sums of the lockfile. */
export async function ensureStryker({ progress }) {
  const lockfile = readFileSync(join(SOURCE, "package-lock.json"));
  const digest = createHash("sha256").update(lockfile).digest("hex").slice(0, 16);
  const folder = join(HOME, `stryker-${digest}`);
  if (existsSync(folder)) return { reason: "unchanged", value: folder };
  const partial = `${folder}.${process.pid}`;
  try {
    await install(partial, progress);
    renameSync(partial, folder); // complete or not there
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return { reason: "npm ci", value: folder };
}

async function install(folder, progress) {
  mkdirSync(folder, { recursive: true });
  for (const file of ["package.json", "package-lock.json", ".npmrc"])
    copyFileSync(join(SOURCE, file), join(folder, file));
  progress("npm ci, 64 MB");
  const [program, first] = npm();
  const words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { code, stdout, stderr } = await capture(program, [...first, ...words], { cwd: folder });
  if (code === 0) return;
  throw new Failure(
    `npm ci of Stryker failed (exit code ${code}):\n${(stdout + stderr).trimEnd()}`,
    "Run the command again with the registry in reach.",
  );
}

/** Changes the files of one folder, runs the unit tests on each change: `{ folder, mutants, noticed, percent }`. */
export async function mutate(stryker, folder, files, isQuick) {
  const config = join(HOME, `${folder.replace("/", "-")}.json`);
  const report = config.replace(/\.json$/, ".report.json");
  rmSync(report, { force: true });
  copyFileSync(join(SOURCE, "runner.mjs"), join(stryker, "runner.mjs")); // where its imports are found
  writeFileSync(
    config,
    JSON.stringify(settings(stryker, folder, files, config, isQuick), undefined, 2),
  );
  const bin = join(stryker, "node_modules", "@stryker-mutator", "core", "bin", "stryker.js");
  const code = await runForeground(process.execPath, [bin, "run", config], {
    cwd: root,
    env: { ...testEnvironment(), PATH: `${join(paths.nodeModules, ".bin")}:${process.env.PATH}` },
  });
  if (code !== 0 || !existsSync(report)) {
    throw new Failure(
      `Stryker failed on ${folder} (exit code ${code})`,
      "What it said is above; the unit tests have to pass without a change, too.",
    );
  }
  return { folder, ...count(JSON.parse(readFileSync(report, "utf8"))) };
}

const NOTICED = new Set(["Killed", "Timeout"]);
const NOT_NOTICED = new Set(["Survived", "NoCoverage"]);

/** What could not run (a change that does not load) and what is left out counts on neither side. */
function count({ files }) {
  const all = Object.values(files).flatMap((file) => file.mutants);
  const noticed = all.filter(({ status }) => NOTICED.has(status)).length;
  const mutants = noticed + all.filter(({ status }) => NOT_NOTICED.has(status)).length;
  return { mutants, noticed, percent: mutants === 0 ? 100 : (noticed / mutants) * 100 };
}

const KEPT_OUT = [".tidemark", "bench", "Dockerfile", "schemas/*.lock", "test/cluster"];

// Only what is changed is compiled in Stryker's copy, without a check of types: the rest of bin/ is copied.
function settings(stryker, folder, files, config, ignoreStatic) {
  const report = config.replace(/\.json$/, ".report.json");
  return {
    plugins: [join(stryker, "runner.mjs")],
    mutate: files,
    disableTypeChecks: false,
    testRunner: "mocha",
    mochaOptions: { config: "test/unit.mocharc.cjs", spec: TESTS_OF[folder] },
    buildCommand: `node scripts/mutants/transpile.mjs ${folder}`,
    coverageAnalysis: "perTest",
    ignoreStatic,
    concurrency:
      Number(process.env.TIDEMARK_MUTANTS_AT_ONCE) || Math.max(1, availableParallelism() - 1),
    ignorePatterns: KEPT_OUT,
    tempDirName: relative(root, join(dirname(config), "work")),
    reporters: ["clear-text", "progress-append-only", "json"],
    clearTextReporter: {
      logTests: false,
      reportTests: false,
      allowColor: Boolean(process.stdout.isTTY),
    },
    jsonReporter: { fileName: relative(root, report) },
    allowEmpty: true,
    cleanTempDir: "always",
    timeoutMS: 60_000, // on a busy machine; of most endless loops Stryker counts the rounds
  };
}
