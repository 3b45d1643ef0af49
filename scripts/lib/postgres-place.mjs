// Where PostgreSQL keeps its data and as whom it runs. It refuses to run as root, so root hands over to an existing
// user; where that user cannot enter the clone, programs and data lie in a folder that it can.
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Failure } from "./failure.mjs";
import { copyBinaries } from "./postgres-binaries.mjs";
import { findServer, stopProcess } from "./postgres-process.mjs";

const POINTER = "elsewhere";
const HOME_FILE = "home";
const shared = () => ["/var/lib/tidemark", join(tmpdir(), "tidemark")];
const isRoot = () => process.getuid?.() === 0;

/** The folder that holds the data of `home`, whether or not it is there. */
export function baseOf(home) {
  const pointer = join(home, POINTER);
  if (!isLink(pointer)) return home;
  const base = readlinkSync(pointer);
  return belongsTo(base) === undefined || isOurs(home, base) ? base : home;
}

// A clone that was moved takes its data along. One that was copied does not: there the first owner still exists.
function isOurs(home, base) {
  const owner = belongsTo(base);
  return owner !== undefined && (owner === realpathSync(home) || !existsSync(owner));
}

function belongsTo(base) {
  const file = join(base, HOME_FILE);
  return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
}

const isLink = (file) => lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

/** The data folders under `base`, newest major first: `[{ folder, major }]`. */
export function dataFolders(base) {
  const names = existsSync(base) ? readdirSync(base) : [];
  const found = names.map((name) => /^data-(\d+)$/.exec(name)).filter(Boolean);
  const folders = found.map(([name, major]) => ({
    folder: join(base, name),
    major: Number(major),
  }));
  return folders.sort((a, b) => b.major - a.major);
}

/** `{ base, binaries, owner? }`: `owner` is the user that root hands over to, `{ uid, gid, name }`. */
export async function choosePlace(home, binaries, log) {
  mkdirSync(home, { recursive: true, mode: isRoot() ? 0o755 : 0o700 });
  if (!isRoot()) return { base: baseOf(home), binaries };
  const base = baseOf(home);
  const owner = ownerOfData(base) ?? serviceUser();
  if (base === home && mayUse(owner, home, binaries)) return { base, binaries, owner };
  return moveElsewhere({ home, binaries, owner, log });
}

// Data made by a normal user stays that user's, also when root comes by.
function ownerOfData(base) {
  const owners = dataFolders(base).map(({ folder }) => statSync(folder));
  const other = owners.find(({ uid }) => uid !== 0);
  return other && { uid: other.uid, gid: other.gid, name: `user ${other.uid}` };
}

function serviceUser() {
  const id = (flag, name) => {
    const { status, stdout } = spawnSync("id", [flag, name], { encoding: "utf8" });
    return status === 0 ? Number(stdout) : undefined;
  };
  const name = ["postgres", "nobody"].find((user) => id("-u", user) !== undefined);
  if (name) return { uid: id("-u", name), gid: id("-g", name), name };
  throw new Failure(
    "PostgreSQL does not run as root, and there is neither a user postgres nor nobody to hand over to",
    "Run the command as a normal user.",
  );
}

/** Tries it: may this user enter the folder and run the programs? */
function mayUse({ uid, gid }, folder, { bin }) {
  const script = 'cd "$1" && "$2/postgres" --version';
  const { status } = spawnSync("/bin/sh", ["-c", script, "sh", folder, bin], {
    uid,
    gid,
    cwd: "/",
    stdio: "ignore",
  });
  return status === 0;
}

async function moveElsewhere({ home, binaries, owner, log }) {
  const before = baseOf(home);
  for (const folder of before === home ? shared() : [dirname(before)]) {
    if (!isTrusted(folder)) continue;
    const base = before === home ? join(folder, nameFor(home)) : before;
    mkdirSync(base, { recursive: true });
    chmodSync(base, 0o755);
    const usable = binaries.packaged ? await copyBinaries(binaries, folder) : binaries;
    if (!mayUse(owner, base, usable)) {
      if (base !== before) rmSync(base, { recursive: true });
      continue;
    }
    point(home, base);
    if (base !== before) {
      await stopLeftovers({ home, base, log });
      log(`as root, and ${owner.name} cannot enter this clone: data and programs are in ${base}`);
    }
    return { base, binaries: usable, owner };
  }
  throw new Failure(
    `there is no folder that ${owner.name} may enter, and PostgreSQL does not run as root`,
    "Run the command as a normal user, or move the clone to where others may enter (chmod a+x on its parents).",
  );
}

function nameFor(home) {
  const path = createHash("sha256").update(realpathSync(home)).digest("hex").slice(0, 12);
  return `${path}-${randomBytes(3).toString("hex")}`;
}

// Only a folder that nobody but root can have prepared.
function isTrusted(folder) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const stat = lstatSync(folder);
    if (!stat.isDirectory() || stat.uid !== 0 || (stat.mode & 0o022) !== 0) return false;
    chmodSync(folder, 0o755); // whatever the umask
    return true;
  } catch {
    return false; // a read-only system, for instance
  }
}

function point(home, base) {
  const pointer = join(home, POINTER);
  writeFileSync(join(base, HOME_FILE), `${realpathSync(home)}\n`);
  if (isLink(pointer) && readlinkSync(pointer) === base) return;
  rmSync(pointer, { force: true });
  symlinkSync(base, pointer);
}

// A clone that was at the same path and has been deleted left its data: not ours, not to be lost.
async function stopLeftovers({ home, base, log }) {
  const others = readdirSync(dirname(base)).map((name) => join(dirname(base), name));
  const left = others.filter((path) => path !== base && belongsTo(path) === realpathSync(home));
  for (const other of left) {
    for (const { folder } of dataFolders(other)) {
      const server = findServer(folder);
      if (server) await stopProcess(folder, server);
    }
    log(`data of a deleted clone is kept in ${other}; remove it if you do not need it`);
  }
}

/** Removes all of `home`'s data, wherever it lies. */
export function removePlace(home) {
  const base = baseOf(home);
  if (base !== home && isOurs(home, base)) {
    rmSync(base, { recursive: true, force: true });
    removeIfLast(dirname(base));
  }
  rmSync(home, { recursive: true, force: true });
}

// The programs are shared: they go with the last clone.
function removeIfLast(folder) {
  const rest = readdirSync(folder).filter((name) => !name.startsWith("postgresql-"));
  if (rest.length > 0 || !shared().includes(folder)) return;
  rmSync(folder, { recursive: true, force: true });
}
