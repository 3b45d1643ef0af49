// A PostgreSQL server of our own: made, started, looked after, stopped, removed. It listens on 127.0.0.1 only and
// outlives the script that starts it. `home` holds server.json, which the Pulumi program reads, and the data, one
// folder for each major version.
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "./failure.mjs";
import { HOST, findFreePort, isFree } from "./free-port.mjs";
import { withLock } from "./lock.mjs";
import { findBinaries } from "./postgres-binaries.mjs";
import { baseOf, choosePlace, dataFolders, removePlace } from "./postgres-place.mjs";
import { clearStale, findServer, stopProcess } from "./postgres-process.mjs";
import { capture, onInterrupt } from "./processes.mjs";

const USER = "tidemark";
const LOG_LIMIT = 10_000_000;

/**
 * Starts the server of `home`, making it first if need be. `settings` are PostgreSQL's, such as `{ fsync: "off" }`;
 * `version` is a major, by default that of the npm package. `log` hears what a user should know.
 * @returns {Promise<{ host, port, user, password, dataDirectory, alreadyRunning }>}
 */
export async function startServer({ home, log = () => {}, settings = {}, version }) {
  const folder = resolve(home);
  return locked(folder, log, async () => {
    const place = await choosePlace(folder, findBinaries(version), log);
    const server = { home: folder, log, settings, ...place, ...layout(place) };
    await stopOtherMajors(server);
    const running = await clearStale(server.data, log);
    const known = readConnection(folder);
    if (running && known)
      return answer(server, remember(folder, { ...known, port: running.port }), true);
    if (running) await stopProcess(server.data, running); // its password is lost: it gets a new one
    return answer(server, await start(server, known), false);
  });
}

/** Stops the server of `home`; its data stays. Returns whether one was running. */
export async function stopServer({ home, log = () => {} }) {
  const folder = resolve(home);
  if (!existsSync(folder)) return false;
  return locked(folder, log, () => stopAll(folder));
}

/** `{ running, host, port, user, dataDirectory }`; without `running` the rest is what is remembered. */
export function serverStatus({ home }) {
  const folder = resolve(home);
  const { host, port, user } = readConnection(folder) ?? {};
  const folders = dataFolders(baseOf(folder)).map((data) => data.folder);
  const dataDirectory = folders.find((data) => findServer(data)) ?? folders[0];
  return { running: folders.some((data) => findServer(data)), host, port, user, dataDirectory };
}

/** Stops the server and removes its data for good. */
export async function purgeServer({ home, log = () => {} }) {
  const folder = resolve(home);
  if (!existsSync(folder)) return;
  await locked(folder, log, async () => {
    await stopAll(folder);
    removePlace(folder);
  });
}

const locked = (home, log, work) =>
  withLock(join(home, "lock"), work, (pid) =>
    log(`process ${pid} is busy with this server; waiting for it`),
  );

const layout = ({ base, binaries }) => ({
  data: join(base, `data-${binaries.major}`),
  logFile: join(base, "postgres.log"),
});

async function stopAll(home) {
  let stopped = false;
  for (const { folder } of dataFolders(baseOf(home))) {
    const running = findServer(folder);
    if (running) await stopProcess(folder, running);
    stopped ||= Boolean(running);
  }
  return stopped;
}

const answer = ({ data }, { host, port, user, password }, alreadyRunning) => ({
  ...{ host, port, user, password },
  dataDirectory: data,
  alreadyRunning,
});

async function start(server, known) {
  const port = await choosePort(server, known?.port);
  // Remembered before it is used: whatever is interrupted, the password on disk is the one of the data.
  const password = known?.password ?? randomBytes(24).toString("hex");
  const connection = remember(server.home, {
    host: HOST,
    port,
    user: known?.user ?? USER,
    password,
  });
  if (!existsSync(server.data)) await initialise(server, connection);
  else if (!known) await resetPassword(server, connection);
  return launch(server, connection);
}

async function choosePort({ home, log }, remembered) {
  if (remembered && (await isFree(remembered))) return remembered;
  const port = await findFreePort(home, [remembered]);
  if (remembered) log(`port ${remembered} has been taken by something else: now on port ${port}`);
  return port;
}

// --- server.json ---------------------------------------------------------------------------------------------------

function readConnection(home) {
  const file = join(home, "server.json");
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, "utf8");
  try {
    const { host, port, user, password } = JSON.parse(text);
    return password && user && port > 0 ? { host, port, user, password } : undefined;
  } catch {
    return undefined; // damaged: made anew, with a new password
  }
}

function remember(home, connection) {
  const file = join(home, "server.json");
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, `${JSON.stringify(connection, null, 2)}\n`, { mode: 0o600 });
  renameSync(partial, file);
  return connection;
}

// --- making --------------------------------------------------------------------------------------------------------

// initdb works in a folder "….partial", which gets its name when all is done: one that is found was interrupted.
async function initialise(server, { user, password }) {
  const { data, log, binaries, owner, settings } = server;
  if (removePartials(server.base)) log("an earlier initdb was interrupted: done again");
  tellOtherMajors(server);
  const partial = `${data}.${process.pid}.partial`;
  mkdirSync(partial, { mode: 0o700 });
  give(owner, partial);
  const args = ["-D", partial, "-U", user, "--auth=scram-sha-256", ...locale(binaries.major)];
  if (settings.fsync === "off") args.push("--no-sync");
  await withPasswordFile(server, password, (file) =>
    tool(server, "initdb", [...args, `--pwfile=${file}`]),
  );
  appendFileSync(join(partial, "postgresql.conf"), "\ninclude_if_exists = 'tidemark.conf'\n");
  renameSync(partial, data);
}

// Each attempt has a name of its own: an initdb that outlived its script may still be writing into the old one.
function removePartials(base) {
  const partials = readdirSync(base).filter(
    (name) => name.endsWith(".partial") || name.startsWith(".password-"),
  );
  for (const name of partials)
    rmSync(join(base, name), { recursive: true, force: true, maxRetries: 5 });
  return partials.length > 0;
}

// After an update of the programs: the old server would go on under the new one's nose.
async function stopOtherMajors({ base, data, log }) {
  for (const { folder, major } of dataFolders(base)) {
    const running = folder === data ? undefined : findServer(folder);
    if (!running) continue;
    log(`the server of PostgreSQL ${major} is stopped`);
    await stopProcess(folder, running);
  }
}

function tellOtherMajors({ base, binaries, log }) {
  for (const { folder, major } of dataFolders(base)) {
    if (major === binaries.major) continue;
    log(
      `the data of PostgreSQL ${major} stays untouched in ${folder}; PostgreSQL ${binaries.major} starts empty`,
    );
  }
}

// The same rules on every machine, whatever its locales.
function locale(major) {
  const common = ["--encoding=UTF8", "--locale=C"];
  return major >= 17
    ? [...common, "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    : common;
}

async function withPasswordFile({ base, owner }, password, work) {
  const file = join(base, `.password-${process.pid}`);
  const remove = () => rmSync(file, { force: true });
  const forget = onInterrupt(remove);
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  try {
    give(owner, file);
    await work(file);
  } finally {
    remove();
    forget();
  }
}

// server.json is gone but the data is there: single-user mode needs no password. It goes through stdin.
async function resetPassword(server, { user, password }) {
  server.log("server.json was lost: the server gets a new password");
  const args = ["--single", "-D", server.data, "postgres"];
  await tool(server, "postgres", args, `ALTER ROLE "${user}" PASSWORD '${password}'\n`);
}

// --- starting ------------------------------------------------------------------------------------------------------

async function launch(server, connection) {
  const tried = [];
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const port = tried.length === 0 ? connection.port : await findFreePort(server.home, tried);
    const problem = await pgCtlStart(server, port);
    if (!problem) return remember(server.home, { ...connection, port });
    if (/could not bind|Address already in use/.test(problem)) tried.push(port);
    // The processes of a killed server need a moment to notice.
    else if (/shared memory block .* still in use/.test(problem)) await sleep(500);
    else throw notStarted(problem, server.logFile);
  }
  throw notStarted("no attempt succeeded", server.logFile);
}

/** Returns the log's new lines if it fails. */
async function pgCtlStart(server, port) {
  const { data, logFile, owner } = server;
  writeSettings(server, port);
  if (sizeOf(logFile) > LOG_LIMIT) renameSync(logFile, `${logFile}.1`);
  closeSync(openSync(logFile, "a", 0o600));
  give(owner, logFile);
  const before = sizeOf(logFile);
  const args = ["start", "-s", "-w", "-t", "300", "-D", data, "-l", logFile];
  const { code, stderr } = await runTool(server, "pg_ctl", args);
  if (code === 0) return undefined;
  return readFileSync(logFile).subarray(before).toString() || stderr;
}

const sizeOf = (file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

const notStarted = (problem, logFile) =>
  new Failure(
    `PostgreSQL did not start:\n${problem.trimEnd()}`,
    `All of its log is in ${logFile}.`,
  );

// TCP only: a socket's path may be 107 bytes long at most, and that of a clone may be longer.
function writeSettings({ data, settings, owner }, port) {
  const all = { ...settings, port, listen_addresses: HOST, unix_socket_directories: "" };
  const lines = Object.entries(all).map(
    ([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'`,
  );
  const file = join(data, "tidemark.conf");
  writeFileSync(
    file,
    `# Written at each start by scripts/lib/postgres-server.mjs.\n${lines.join("\n")}\n`,
  );
  give(owner, file);
}

function give(owner, file) {
  if (owner) chownSync(file, owner.uid, owner.gid);
}

// --- programs ------------------------------------------------------------------------------------------------------

async function tool(server, name, args, input) {
  const { code, stdout, stderr } = await runTool(server, name, args, input);
  if (code === 0) return;
  throw new Failure(
    `${name} failed:\n${(stderr || stdout).trimEnd()}`,
    "Correct the cause and run the command again.",
  );
}

// PostgreSQL's own variables (PGDATA, PGPORT …) are for the user's servers, not for this one.
function runTool({ binaries, owner }, name, args, input) {
  const env = {
    PATH: process.env.PATH,
    LC_ALL: "C",
    ...(process.env.TZ && { TZ: process.env.TZ }),
  };
  const user = owner && { uid: owner.uid, gid: owner.gid };
  return capture(join(binaries.bin, name), args, { cwd: "/", env, input, ...user });
}
