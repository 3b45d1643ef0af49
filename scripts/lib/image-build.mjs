// Builds the image with what is there: buildah, or Docker with its engine.
import { createReadStream, rmSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { Failure } from "./failure.mjs";
import { makeContext } from "./image-context.mjs";
import { describeLayout, packLayout } from "./image-layout.mjs";
import { local } from "./paths.mjs";
import { capture } from "./processes.mjs";

/**
 * Builds the image and gives `{ tool, digest, compressedBytes, packages, archive }`. `base` replaces the one of the
 * Dockerfile; `migrations` puts those of the repository in; `archive` names a file to write the image to (OCI layout, for
 * `ctr images import`, `docker load`); `push` sends it to the registry that the tag names; `store` keeps buildah's images in a
 * folder of their own, which needs no overlay file system. The digest is only known of what was pushed, or built by buildah.
 */
export async function buildImage({ tag, base, migrations = false, archive, push = false, store }) {
  const tool = await findTool();
  const work = join(store ?? local, "image");
  const context = join(work, "context");
  const { packages } = makeContext(context);
  const options = [
    ...["--file", join(context, "Dockerfile"), "--tag", tag],
    ...(base ? ["--build-arg", `BASE=${base}`] : []),
    ...(migrations ? ["--target", "with-migrations"] : []),
  ];
  const build = tool === "buildah" ? withBuildah : withDocker;
  const result = await build({ tag, options, context, archive, push, store, work });
  return { tool, packages, archive, ...result };
}

async function findTool() {
  if (await works("buildah", ["--version"])) return "buildah";
  if (await works("docker", ["version", "--format", "{{.Server.Version}}"])) return "docker";
  throw new Failure(
    "neither buildah nor a running Docker engine is there",
    "Install one of them: apt-get install buildah, or https://docs.docker.com/engine/install",
  );
}

const works = (program, args) =>
  capture(program, args).then(
    ({ code }) => code === 0,
    () => false,
  );

/** Runs buildah; in a store of our own with files copied, since overlays do not work everywhere. */
export async function buildah(store, args) {
  const own = store
    ? ["--root", join(store, "root"), "--runroot", join(store, "run"), "--storage-driver", "vfs"]
    : [];
  return run("buildah", [...own, ...args]);
}

async function withBuildah({ tag, options, context, archive, push, store, work }) {
  await buildah(store, ["build", "--timestamp", "0", ...options, context]);
  const layout = join(work, "layout");
  rmSync(layout, { recursive: true, force: true });
  await buildah(store, ["push", "--format", "oci", tag, `oci:${layout}`]);
  const described = describeLayout(layout);
  if (archive) await packLayout(layout, tag, archive);
  rmSync(layout, { recursive: true, force: true });
  if (push) await buildah(store, ["push", "--format", "oci", tag, `docker://${tag}`]);
  return described;
}

async function withDocker({ tag, options, context, archive, push, work }) {
  await run("docker", ["build", ...options, context]);
  const file = archive ?? join(work, "image.tar");
  await run("docker", ["save", "--output", file, tag]);
  const compressedBytes = await gzippedSize(file);
  if (!archive) rmSync(file, { force: true });
  if (!push) return { compressedBytes };
  await run("docker", ["push", tag]);
  const format = ["--format", "{{index .RepoDigests 0}}"];
  const { stdout } = await run("docker", ["image", "inspect", ...format, tag]);
  return { compressedBytes, digest: stdout.trim().split("@")[1] };
}

/** About what a registry keeps: the layers one by one, compressed as this is. */
async function gzippedSize(file) {
  let size = 0;
  const count = new Writable({
    write(chunk, _encoding, done) {
      size += chunk.length;
      done();
    },
  });
  await pipeline(createReadStream(file), createGzip(), count);
  return size;
}

async function run(program, args) {
  const result = await capture(program, args);
  if (result.code === 0) return result;
  const said = (result.stderr || result.stdout).trim().split("\n").slice(-15).join("\n");
  throw new Failure(`${program} ${args.join(" ")} failed:\n${said}`, hint(said));
}

function hint(said) {
  if (/overlay|operation not permitted|mount/i.test(said))
    return "Where overlays cannot be mounted: npm run image -- --store <folder> keeps files copied instead.";
  if (/no such host|dial tcp|connection refused|i\/o timeout/i.test(said))
    return "The registry cannot be reached; --base names another base image.";
  return "";
}
