// Real Flyway for test/interop: its libraries from Maven, our driver compiled beside them; kept under .tidemark/flyway.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Failure } from "./failure.mjs";
import { local, root } from "./paths.mjs";
import { capture } from "./processes.mjs";

const DRIVER = join(root, "test", "interop", "driver");
const POM = join(DRIVER, "pom.xml");
const SOURCE = join(DRIVER, "FlywayDriver.java");
const OLDEST_JAVA = 17;

/** A step: `{ classpath }` of the driver with all that it needs. */
export async function ensureFlyway({ progress }) {
  await checkJava();
  const folder = join(local, "flyway", digest());
  const value = { classpath: [join(folder, "classes"), join(folder, "lib", "*")].join(delimiter) };
  if (existsSync(folder)) return { reason: "unchanged", value };
  const building = `${folder}.${process.pid}`;
  try {
    await build(building, progress);
    mkdirSync(join(local, "flyway"), { recursive: true });
    renameSync(building, folder); // complete or not there
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return { reason: "mvn dependency:copy-dependencies, javac", value };
}

function digest() {
  const hash = createHash("sha256");
  for (const file of [POM, SOURCE]) hash.update(readFileSync(file)).update("\0");
  return hash.digest("hex").slice(0, 16);
}

async function checkJava() {
  const said = await tool("java", ["-version"], `a Java ${OLDEST_JAVA} or newer`);
  const [, major] = /version "(\d+)/.exec(said) ?? [];
  if (Number(major) >= OLDEST_JAVA) return;
  throw new Failure(
    `Flyway needs Java ${OLDEST_JAVA} or newer; found: ${said.split("\n")[0]}`,
    INSTALL,
  );
}

const INSTALL =
  `Install a JDK ${OLDEST_JAVA} or newer and Maven, with java, javac and mvn on PATH.\n` +
  "Only test:interop needs them: npm test compares with recorded results of Flyway.";

async function build(folder, progress) {
  const lib = join(folder, "lib");
  const classes = join(folder, "classes");
  mkdirSync(classes, { recursive: true });
  progress("mvn dependency:copy-dependencies");
  const copy = ["-B", "-f", POM, "dependency:copy-dependencies"];
  await tool("mvn", [...copy, "-DincludeScope=runtime", `-DoutputDirectory=${lib}`], "Maven");
  progress("javac");
  const compile = ["-encoding", "UTF-8", "-cp", join(lib, "*"), "-d", classes, SOURCE];
  await tool("javac", compile, "a JDK, not only a runtime");
}

/** Runs a program to its end and returns what it said. */
async function tool(program, args, what) {
  const { code, stdout, stderr } = await capture(program, args, { cwd: root }).catch((error) => {
    if (error.code !== "ENOENT") throw error;
    throw new Failure(`${program} is not on PATH: test:interop needs ${what}`, INSTALL);
  });
  const said = (stdout + stderr).trim();
  if (code === 0) return said;
  const tail = said.split("\n").slice(-15).join("\n");
  throw new Failure(
    `${program} failed (exit code ${code}):\n${tail}`,
    "Correct what it names; if it cannot reach its repository, check Maven's settings (~/.m2/settings.xml).",
  );
}
