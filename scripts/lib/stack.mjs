// Stack dev in its backend, made without touching the tracked Pulumi.dev.yaml.
//
// Pulumi writes `encryptionsalt`, which belongs to one passphrase, into the stack's configuration file: `stack init`
// does, and so does every later command that finds the file without it. The salt is in the state, too, and
// PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER makes Pulumi take it from there; but it writes the file all the same (CLI
// 3.250.0, cmd/pulumi/config/io.go: getAndSaveSecretsManager). So it gets a copy to write to, by --config-file.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { DEV, commandIndex, shortName, splitStack } from "./arguments.mjs";
import { isLocalBackend } from "./environment.mjs";
import { Failure } from "./failure.mjs";
import { isAlive } from "./lock.mjs";
import { paths, root } from "./paths.mjs";
import { capture, runForeground } from "./processes.mjs";

const CONFIG_FILE = `Pulumi.${DEV}.yaml`;

// The commands that take --config-file and would write to it.
const TAKES_CONFIG_FILE = new Set(
  "destroy dn down import pre preview refresh up update watch".split(" "),
);

/** A step: makes stack dev unless it is there. */
export async function ensureStack({ engine, environment, note }) {
  const name = projectName();
  if (isLocalBackend()) dropStaleLocks(name, note);
  const where = isLocalBackend() ? ".tidemark/state" : "your own backend";
  if (await stackExists({ engine, environment, name }))
    return { reason: `${name}/${DEV} in ${where}` };
  await initialise({ engine, environment });
  return { reason: `${name}/${DEV} created in ${where}` };
}

function projectName() {
  const file = join(root, "Pulumi.yaml");
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const name = /^name:\s*["']?([^"'\s#]+)/m.exec(text)?.[1];
  if (name) return name;
  throw new Failure("Pulumi.yaml is missing or names no project", "git checkout Pulumi.yaml");
}

/** Whether stack dev has been made. Its file answers at once; another backend has to be asked. */
export async function stackExists({ engine, environment, name = projectName() }) {
  if (isLocalBackend()) return existsSync(localState(name));
  return (await pulumi({ engine, environment }, ["stack", "select", DEV])).code === 0;
}

const localState = (name) => join(paths.state, ".pulumi", "stacks", name, `${DEV}.json`);

// A Pulumi that was killed leaves its lock, and asks for `pulumi cancel`. State of our own is used by this machine
// only, so a lock whose process is gone is no lock.
function dropStaleLocks(name, note) {
  const folder = join(paths.state, ".pulumi", "locks", "organization", name, DEV);
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    const lock = join(folder, file);
    const { pid, hostname: machine } = readJson(lock) ?? {};
    if (!(pid > 0) || machine !== hostname() || isAlive(pid)) continue;
    note(`Pulumi (process ${pid}) was killed and left a lock: removed`);
    rmSync(lock, { force: true });
  }
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

// In a folder with copies of the two files, since `stack init` knows no --config-file.
async function initialise({ engine, environment }) {
  mkdirSync(paths.stack, { recursive: true, mode: 0o700 });
  for (const file of ["Pulumi.yaml", CONFIG_FILE])
    copyFileSync(join(root, file), join(paths.stack, file));
  const env = { ...environment, PULUMI_BACKEND_URL: absolute(environment.PULUMI_BACKEND_URL) };
  if (!env.PULUMI_BACKEND_URL) delete env.PULUMI_BACKEND_URL;
  const made = await pulumi(
    { engine, environment: env },
    ["stack", "init", DEV, "--no-select"],
    paths.stack,
  );
  if (made.code !== 0) throw notMade(made);
  // Selected for those who leave out -s dev.
  const selected = await pulumi({ engine, environment }, ["stack", "select", DEV]);
  if (selected.code !== 0) throw notMade(selected);
}

// A relative file backend is relative to the project.
function absolute(url) {
  const [, path] = /^file:\/\/(\.{1,2}(?:\/.*)?)$/.exec(url ?? "") ?? [];
  return path
    ? `file://${decodeURIComponent(new URL(path, `${pathToFileURL(root)}/`).pathname)}`
    : url;
}

const notMade = ({ stdout, stderr }) =>
  new Failure(
    `stack ${DEV} could not be made or selected:\n${(stderr || stdout).trim()}`,
    "If the backend or the passphrase is one that you set, check PULUMI_BACKEND_URL and PULUMI_CONFIG_PASSPHRASE(_FILE).",
  );

function pulumi({ engine, environment }, args, cwd = root) {
  return capture(engine.binary, [...args, "--non-interactive", "--color", "never"], {
    cwd,
    env: environment,
  });
}

/** Runs Pulumi in the foreground with these arguments; returns its exit code. */
export function runPulumi({ engine, environment, cwd = root }, args) {
  return withOwnConfig(args, cwd, (all) =>
    runForeground(engine.binary, all, { cwd, env: environment }),
  );
}

/** The same without showing anything: `{ code, stdout, stderr }`. */
export function capturePulumi(tools, args) {
  return withOwnConfig(args, root, (all) => pulumi(tools, all));
}

async function withOwnConfig(args, cwd, run) {
  const configFile = writesConfig(args, cwd) ? copyConfig() : undefined;
  try {
    return await run(configFile ? [...args, "--config-file", configFile] : args);
  } finally {
    if (configFile) rmSync(configFile, { force: true });
  }
}

function writesConfig(args, cwd) {
  if (!TAKES_CONFIG_FILE.has(args[commandIndex(args)]) || projectFolder(cwd) !== root) return false;
  const own = args.some((argument) => /^(--config-file|-C|--cwd|--help|-h)(=|$)/.test(argument));
  return !own && shortName(splitStack(args).stack) === DEV && !hasSalt();
}

// The user's own program elsewhere may have a stack dev, too.
function projectFolder(folder) {
  if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
  return dirname(folder) === folder ? undefined : projectFolder(dirname(folder));
}

// Someone has chosen to keep secrets in the file: then the salt belongs there.
const hasSalt = () =>
  /^(encryptionsalt|secretsprovider):/m.test(readFileSync(join(root, CONFIG_FILE), "utf8"));

/** Each command has a copy of its own, so that two at a time do not read half a file. */
function copyConfig() {
  mkdirSync(paths.stack, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(paths.stack)) {
    const pid = Number(/^dev\.(\d+)\.yaml$/.exec(name)?.[1]);
    if (pid && !isAlive(pid)) rmSync(join(paths.stack, name), { force: true });
  }
  const copy = join(paths.stack, `dev.${process.pid}.yaml`);
  writeFileSync(copy, readFileSync(join(root, CONFIG_FILE)), { mode: 0o600 });
  return copy;
}

/** The outputs of stack dev. */
export async function stackOutputs({ engine, environment }) {
  const { code, stdout, stderr } = await pulumi({ engine, environment }, [
    "stack",
    "output",
    "--json",
    "-s",
    DEV,
  ]);
  if (code !== 0)
    throw new Failure(`the outputs of stack ${DEV} cannot be read:\n${stderr.trim()}`);
  return JSON.parse(stdout);
}
