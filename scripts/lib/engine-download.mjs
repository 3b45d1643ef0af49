// Downloads the official Pulumi release: short time-outs, no retries, since a build is the way out.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream, readdirSync, renameSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { capture } from "./processes.mjs";

const RELEASES = "https://github.com/pulumi/pulumi/releases/download";
const ANSWER_WITHIN = 8_000;
const STALLED_AFTER = 15_000;

/** Puts the release's programs into `directory`. Returns why not, or undefined when done. */
export async function downloadEngine({ version, directory, progress, note }) {
  const name = archiveName(version);
  if (!name) return `there is no official release for ${process.platform} ${process.arch}`;
  const partial = join(directory, `.download-${process.pid}`);
  try {
    clearPartials(directory);
    await mkdir(partial, { recursive: true });
    const digest = await save(`${RELEASES}/v${version}/${name}`, join(partial, name), progress);
    await verify(version, name, digest, note);
    await unpack(join(partial, name), partial);
    for (const file of readdirSync(partial)) renameSync(join(partial, file), join(directory, file));
    return undefined;
  } catch (error) {
    return `the official download cannot be had: ${reasonOf(error)}`;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function archiveName(version) {
  const arch = { x64: "x64", arm64: "arm64" }[process.arch];
  const system = { linux: "linux", darwin: "darwin" }[process.platform];
  return arch && system && `pulumi-v${version}-${system}-${arch}.tar.gz`;
}

// What an interrupted download left.
function clearPartials(directory) {
  for (const file of readdirSync(directory)) {
    if (file.startsWith(".download-"))
      rmSync(join(directory, file), { recursive: true, force: true });
  }
}

async function save(url, file, progress) {
  const hash = createHash("sha256");
  const out = createWriteStream(file);
  let size = 0;
  await request(url, async (response, alive) => {
    const total = Number(response.headers.get("content-length"));
    for await (const chunk of response.body) {
      alive();
      hash.update(chunk);
      size += chunk.length;
      progress(`downloading ${megabytes(size)}${total ? ` of ${megabytes(total)}` : ""}`);
      if (!out.write(chunk)) await once(out, "drain");
    }
  });
  out.end();
  await once(out, "close");
  return hash.digest("hex");
}

const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;

/** Hands the response to `read`, and gives up when nothing comes for a while; `alive()` puts that off. */
async function request(url, read) {
  const abort = new globalThis.AbortController();
  const giveUp = (after) =>
    setTimeout(() => abort.abort(new Error(`no answer within ${after / 1000} s`)), after);
  let timer = giveUp(ANSWER_WITHIN);
  const alive = () => {
    clearTimeout(timer);
    timer = giveUp(STALLED_AFTER);
  };
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok) throw new Error(`HTTP ${response.status} from ${new URL(url).host}`);
    alive();
    return await read(response, alive);
  } finally {
    clearTimeout(timer);
  }
}

async function verify(version, name, digest, note) {
  const list = await checksums(version);
  const wanted = list
    ?.split("\n")
    .map((line) => line.trim().split(/\s+/))
    .find(([, file]) => file === name)?.[0];
  if (!wanted)
    return note("the release's list of checksums cannot be had: the download is not verified");
  if (wanted !== digest)
    throw new Error(`checksum of ${name} is ${digest}, the release says ${wanted}`);
}

async function checksums(version) {
  const url = `${RELEASES}/v${version}/pulumi-${version}-checksums.txt`;
  return request(url, (response) => response.text()).catch(() => undefined);
}

async function unpack(archive, into) {
  const { code, stderr } = await capture("tar", [
    "-xzf",
    archive,
    "-C",
    into,
    "--strip-components=1",
  ]);
  if (code !== 0) throw new Error(`tar: ${stderr.trim()}`);
  rmSync(archive);
}

function reasonOf(error) {
  const { code, message } = error.cause ?? error;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return `${new URL(RELEASES).host} is not known here (${code})`;
  return code ?? message;
}
