// An image of one layer as an OCI layout, which containerd imports under its name.
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./run.mjs";

const OCI = "application/vnd.oci.image";
const architecture = { x64: "amd64", arm64: "arm64" }[process.arch];

/** @param config of the image: Entrypoint, User and so on */
export async function packImage(root, target, name, config) {
  const work = mkdtempSync(join(tmpdir(), "tidemark-image-"));
  try {
    mkdirSync(join(work, "blobs", "sha256"), { recursive: true });
    const layer = join(work, "layer");
    const fixed = ["--sort=name", "--mtime=@0", "--numeric-owner", "--owner=0", "--group=0"];
    await run("tar", ["-C", root, ...fixed, "-cf", layer, "."]);
    const layerBlob = keep(work, `${OCI}.layer.v1.tar`, readFileSync(layer));
    rmSync(layer);
    const os = { architecture, os: "linux" };
    const rootfs = { type: "layers", diff_ids: [layerBlob.digest] };
    const configBlob = keep(work, `${OCI}.config.v1+json`, json({ ...os, config, rootfs }));
    const manifest = {
      schemaVersion: 2,
      mediaType: `${OCI}.manifest.v1+json`,
      config: configBlob,
      layers: [layerBlob],
    };
    const annotations = {
      "io.containerd.image.name": name,
      "org.opencontainers.image.ref.name": name,
    };
    const entry = { ...keep(work, manifest.mediaType, json(manifest)), platform: os, annotations };
    writeFileSync(join(work, "index.json"), json({ schemaVersion: 2, manifests: [entry] }));
    writeFileSync(join(work, "oci-layout"), json({ imageLayoutVersion: "1.0.0" }));
    await run("tar", ["-C", work, "-cf", target, "oci-layout", "index.json", "blobs"]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return statSync(target).size;
}

const json = (value) => Buffer.from(JSON.stringify(value));

function keep(work, mediaType, content) {
  const hash = createHash("sha256").update(content).digest("hex");
  writeFileSync(join(work, "blobs", "sha256", hash), content);
  return { mediaType, digest: `sha256:${hash}`, size: content.length };
}
