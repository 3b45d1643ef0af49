// The Pulumi engine: the CLI and its Node.js host. Found on PATH, found where an earlier command put it, downloaded
// from the official release, or built from its public source with Go, in this order.
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, sep } from "node:path";
import { buildEngine } from "./engine-build.mjs";
import { downloadEngine } from "./engine-download.mjs";
import { Failure } from "./failure.mjs";
import { makeLocal, paths } from "./paths.mjs";
import { capture } from "./processes.mjs";

export const VERSION = "3.250.0";
const LANGUAGE_HOST = "pulumi-language-nodejs";
const DYNAMIC_PROVIDER = "pulumi-resource-pulumi-nodejs";

/** The engine of an earlier set-up, `{ binary, directory, version, from }`, or undefined. Starts no process. */
export function rememberedEngine() {
  try {
    const { engine, mark } = JSON.parse(readFileSync(paths.engineChoice, "utf8"));
    return mark === markOf(engine.binary) && hasHost(engine.directory) ? engine : undefined;
  } catch {
    return undefined;
  }
}

/** A step: finds the engine or gets it. */
export async function ensureEngine(report) {
  const remembered = rememberedEngine();
  if (remembered)
    return { reason: `Pulumi ${remembered.version}, there already`, value: remembered };
  const engine = (await onPath(report)) ?? (await inHomes()) ?? (await obtain(report));
  makeLocal();
  writeFileSync(
    paths.engineChoice,
    JSON.stringify({ engine, mark: markOf(engine.binary) }, null, 2),
  );
  return { reason: `Pulumi ${engine.version}, ${engine.from}`, value: engine };
}

/** Where an engine of ours is put: the same place as the npm package `pulumi` would use. */
const binFolder = (home) => join(home, "versions", VERSION, "bin");
export const pulumiHome = () => process.env.PULUMI_HOME || paths.pulumiHome;

async function onPath({ note }) {
  for (const folder of pathFolders()) {
    const binary = join(folder, "pulumi");
    if (!isExecutable(binary)) continue;
    const version = await versionOf(binary);
    if (!version) continue;
    const problem = unfit(version, realpathSync(binary));
    if (!problem) return { binary, directory: folder, version, from: `found on PATH (${binary})` };
    note(`${binary} is not used: ${problem}`);
  }
  return undefined;
}

// node_modules/.bin holds npm's `pulumi`, which downloads at first use; .tidemark/bin holds our own shim.
function pathFolders() {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return folders.filter(
    (folder) => folder !== paths.shims && !folder.split(sep).includes("node_modules"),
  );
}

function unfit(version, binary) {
  if (!fits(version)) return `its version is ${version}, wanted is ${VERSION} or newer, below 4`;
  const hosts = [dirname(binary), ...pathFolders()];
  return hosts.some(hasHost) ? "" : `${LANGUAGE_HOST} is neither beside it nor on PATH`;
}

function fits(version) {
  const [major, minor] = version.split(".").map(Number);
  const [wantedMajor, wantedMinor] = VERSION.split(".").map(Number);
  return major === wantedMajor && minor >= wantedMinor;
}

async function inHomes() {
  for (const home of [pulumiHome(), paths.pulumiHome, join(homedir(), ".pulumi")]) {
    const engine = await complete(binFolder(home), `found in ${binFolder(home)}`);
    if (engine) return engine;
  }
  return undefined;
}

/** The engine in a folder, if all of it is there and it runs. */
async function complete(directory, from) {
  const files = ["pulumi", LANGUAGE_HOST, DYNAMIC_PROVIDER].map((name) => join(directory, name));
  if (!files.every(isExecutable)) return undefined;
  const version = await versionOf(files[0]);
  return version && { binary: files[0], directory, version, from };
}

async function obtain({ progress, note }) {
  const directory = binFolder(pulumiHome());
  mkdirSync(directory, { recursive: true });
  const attempts = [
    ["downloaded from the official release", downloadEngine],
    [`built from source with Go, as the download cannot be had`, buildEngine],
  ];
  for (const [from, get] of attempts) {
    const problem = await get({ version: VERSION, directory, progress, note });
    const engine = problem ? undefined : await complete(directory, from);
    if (engine) return engine;
    note(problem ?? `what was ${from} does not run on this machine`);
  }
  throw new Failure(
    `the Pulumi engine ${VERSION} could not be had`,
    `Either install it (https://www.pulumi.com/docs/install/) so that \`pulumi\` ${VERSION} or newer is on PATH,\n` +
      "or install Go (https://go.dev/dl/) so that it can be built here, and run the command again.",
  );
}

async function versionOf(binary) {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const result = await capture(binary, ["version"], { env }).catch(() => undefined);
  return /^v?(\d+\.\d+\.\d+)/.exec(result?.stdout ?? "")?.[1];
}

const hasHost = (folder) => isExecutable(join(folder, LANGUAGE_HOST)) || onPathHost();
const onPathHost = () => pathFolders().some((folder) => isExecutable(join(folder, LANGUAGE_HOST)));

// A change of the file (an upgrade, a removal) makes the next command look again.
function markOf(binary) {
  const { size, mtimeMs } = statSync(binary);
  return `${size}:${mtimeMs}`;
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return existsSync(file) && statSync(file).isFile();
  } catch {
    return false;
  }
}
