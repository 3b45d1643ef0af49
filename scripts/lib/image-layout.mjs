// An image as a folder in the OCI layout: what it is called, how large it is, and the same as one file to load elsewhere.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./failure.mjs";
import { capture } from "./processes.mjs";

/** `{ digest, compressedBytes }` of the one image in the folder, as a registry counts. */
export function describeLayout(folder) {
  const [manifest] = readJson(join(folder, "index.json")).manifests;
  const { config, layers } = readJson(blob(folder, manifest.digest));
  const sizes = [manifest, config, ...layers].map(({ size }) => size);
  return { digest: manifest.digest, compressedBytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Packs the folder as one file, with the name under which containerd and Docker load it. */
export async function packLayout(folder, name, archive) {
  const file = join(folder, "index.json");
  const index = readJson(file);
  index.manifests[0].annotations = {
    "io.containerd.image.name": name,
    "org.opencontainers.image.ref.name": name,
  };
  writeFileSync(file, JSON.stringify(index));
  const parts = ["oci-layout", "index.json", "blobs"];
  const { code, stderr } = await capture("tar", ["-C", folder, "-cf", archive, ...parts]);
  if (code !== 0) throw new Failure(`${archive} cannot be written: ${stderr.trim()}`);
}

const blob = (folder, digest) => join(folder, "blobs", ...digest.split(":"));
const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));
