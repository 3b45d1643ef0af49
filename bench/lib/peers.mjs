// The other programs, where they are installed. None is a dependency of ours.
import { accessSync, constants, existsSync, readdirSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { local } from "../../scripts/lib/paths.mjs";
import { capture } from "../../scripts/lib/processes.mjs";

/** The path of a program on PATH or in TIDEMARK_BENCH_PEERS, or undefined. */
export function findProgram(name) {
  const given = process.env.TIDEMARK_BENCH_PEERS;
  const folders = [
    ...(given ? [given, join(given, "node_modules", ".bin")] : []),
    ...(process.env.PATH ?? "").split(delimiter).filter(Boolean),
  ];
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** A program's name with its version, such as "psql 15.18". */
export async function describeProgram(name, file) {
  const { stdout, stderr } = await capture(file, ["--version"]);
  const version = /\d+(\.\d+)+/.exec(stdout + stderr)?.[0];
  return version ? `${name} ${version}` : name;
}

const FLYWAY = join(local, "flyway");

/**
 * Real Flyway as `npm run test:interop` has set it up: its libraries, and a driver that takes commands on stdin. That
 * loads less than Flyway's own command line, so the comparison is in Flyway's favour.
 */
export function findFlyway() {
  const program = findProgram("java");
  if (!program || !existsSync(FLYWAY)) return undefined;
  const files = readdirSync(FLYWAY, { recursive: true }).map((name) => join(FLYWAY, name));
  const jars = files.filter((file) => file.endsWith(".jar"));
  const driver = files.find((file) => file.endsWith("FlywayDriver.class"));
  const [, version] = /flyway-core-(\d[\d.]*\d)\.jar/.exec(jars.join("\n")) ?? [];
  if (!driver || !version) return undefined;
  const classPath = [dirname(driver), ...jars].join(delimiter);
  return { program, label: `Flyway ${version}`, classPath };
}
