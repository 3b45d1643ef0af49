// A base image without a registry: this machine's Node and the libraries it is linked with. For tests; never published.
import { copyFileSync, existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "./failure.mjs";
import { buildah } from "./image-build.mjs";
import { capture } from "./processes.mjs";

/** What a name look-up loads at run time, and certificates. */
const OPENED_LATER = [
  "/lib/x86_64-linux-gnu/libnss_dns.so.2",
  "/lib/x86_64-linux-gnu/libnss_files.so.2",
  "/lib/x86_64-linux-gnu/libresolv.so.2",
  "/etc/ssl/certs/ca-certificates.crt",
];

/** Makes `tag` in buildah's store (see buildImage) and gives its name. */
export async function makeLocalBase({ tag, store }) {
  const folder = join(store, "base");
  rmSync(folder, { recursive: true, force: true });
  const node = realpathSync(process.execPath);
  put(folder, node, "/usr/bin/node");
  for (const file of [...(await libraries(node)), ...OPENED_LATER])
    if (existsSync(file)) put(folder, file, file);
  write(folder, "/etc/passwd", "root:x:0:0:root:/:/\nnonroot:x:65532:65532:nonroot:/:/\n");
  write(folder, "/etc/group", "root:x:0:\nnonroot:x:65532:\n");
  write(folder, "/etc/nsswitch.conf", "hosts: files dns\n");
  mkdirSync(join(folder, "tmp"), { mode: 0o777 });
  const container = (await buildah(store, ["from", "scratch"])).stdout.trim();
  await buildah(store, ["copy", container, folder, "/"]);
  await buildah(store, ["config", "--env", "PATH=/usr/bin:/bin", container]);
  await buildah(store, ["commit", "--rm", "--timestamp", "0", container, tag]);
  rmSync(folder, { recursive: true, force: true });
  return tag;
}

async function libraries(program) {
  const { code, stdout, stderr } = await capture("ldd", [program]);
  if (code !== 0) throw new Failure(`ldd ${program} failed: ${stderr.trim()}`);
  return [...new Set(stdout.match(/\/[^ )\n]+/g))];
}

function put(folder, from, to) {
  mkdirSync(dirname(join(folder, to)), { recursive: true });
  copyFileSync(from, join(folder, to));
}

function write(folder, path, text) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
