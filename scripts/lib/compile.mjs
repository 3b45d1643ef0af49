// Compiles TypeScript into bin/, and does nothing when no source has changed.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Failure } from "./failure.mjs";
import { paths, root } from "./paths.mjs";
import { capture } from "./processes.mjs";

export const PROGRAM = "tsconfig.json";
export const TESTS = "test/tsconfig.json";

/** A step: compiles the project that `config` names. */
export async function compile(config, { progress }) {
  const sources = sourcesOf(config);
  const stamp = join(paths.build, `${config.replaceAll("/", "-")}.sha256`);
  const digest = digestOf(config, sources);
  const missing = sources.filter((file) => !existsSync(outputOf(file)));
  if (missing.length === 0 && readIfThere(stamp) === digest) return { reason: "unchanged" };
  progress(`tsc -p ${config}`);
  rmSync(stamp, { force: true }); // interrupted from here on: the next run compiles again
  // tsc would not write again what its notes say it has written.
  if (missing.length > 0) forgetIncremental(config);
  await tsc(config);
  removeOrphans();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, digest);
  return { reason: `tsc -p ${config}, ${sources.length} files` };
}

/** The .ts files that a project includes: its patterns are a file or "<folder>/**\/*.ts". */
function sourcesOf(config) {
  const folder = dirname(join(root, config));
  const included = readJson(join(root, config)).include.map((pattern) => {
    const target = relative(root, join(folder, pattern.replace(/\*\*?\/.*$/, "")));
    return target.endsWith(".ts")
      ? [target].filter((file) => existsSync(join(root, file)))
      : walk(target, ".ts");
  });
  return [...new Set(included.flat())].filter((file) => !file.endsWith(".d.ts")).sort();
}

function walk(folder, ending) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)));
}

const outputOf = (source) => join(paths.bin, source.replace(/\.ts$/, ".js"));

function digestOf(config, sources) {
  const hash = createHash("sha256");
  const compiler = join("node_modules", "typescript", "package.json");
  for (const file of [PROGRAM, config, compiler, "package-lock.json", ...sources]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
  }
  return hash.digest("hex");
}

function forgetIncremental(config) {
  const notes = readJson(join(root, config)).compilerOptions?.tsBuildInfoFile;
  if (notes) rmSync(join(dirname(join(root, config)), notes), { force: true });
}

async function tsc(config) {
  const compiler = join(paths.nodeModules, "typescript", "bin", "tsc");
  const { code, stdout, stderr } = await capture(process.execPath, [compiler, "-p", config], {
    cwd: root,
  });
  if (code === 0) return;
  throw new Failure(
    `tsc -p ${config} failed:\n${(stdout + stderr).trimEnd()}`,
    "Correct the errors above.",
  );
}

// The output of a source that is gone: mocha would still run it.
function removeOrphans() {
  for (const file of walk("bin", ".js")) {
    const source = relative("bin", file).replace(/\.js$/, ".ts");
    if (existsSync(join(root, source))) continue;
    rmSync(join(root, file));
    rmSync(join(root, `${file}.map`), { force: true });
  }
}

const readIfThere = (file) => (existsSync(file) ? readFileSync(file, "utf8") : undefined);

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Failure(
      `${relative(root, file)} cannot be read: ${error.message}`,
      "Correct it and run again.",
    );
  }
}
