// npm run test:cluster: the staging stack on a real Kubernetes; from a fresh clone to the line "N passed, N failed".
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensurePrograms } from "../test/cluster/lib/build.mjs";
import { down } from "../test/cluster/lib/down.mjs";
import { home } from "../test/cluster/lib/home.mjs";
import { ensurePackages } from "../test/cluster/lib/packages.mjs";
import { loadImage } from "../test/cluster/lib/runtime.mjs";
import { up } from "../test/cluster/lib/up.mjs";
import { helpFor } from "./lib/arguments.mjs";
import { TESTS, compile } from "./lib/compile.mjs";
import { ensureEngine } from "./lib/engine.mjs";
import { makeLocalBase } from "./lib/image-base.mjs";
import { buildImage, buildah } from "./lib/image-build.mjs";
import { checkNode, installDependencies } from "./lib/install.mjs";
import { withLock } from "./lib/lock.mjs";
import { runMocha, testEnvironmentWithEngine } from "./lib/mocha.mjs";
import { root } from "./lib/paths.mjs";
import { alone } from "./lib/set-up.mjs";
import { say, step } from "./lib/terminal.mjs";
import { testCommand } from "./lib/test-command.mjs";

helpFor(`
npm run test:cluster [-- [--keep] <arguments of mocha>]

Brings up a real Kubernetes with the real External Secrets Operator on this machine, runs the stack "staging" on it, and
takes all of it down. Needs root, Go and buildah; the first time it builds for about fifteen minutes. The last line is
\`N passed, N failed\`.

  npm run test:cluster
  npm run test:cluster -- -g rotation      only tests whose name holds this
  npm run test:cluster -- --keep           leave the cluster up (node test/cluster/cluster.mjs down)

Programs and data lie in TIDEMARK_KUBE_HOME (default: a folder in the user's cache).
`);

const CONFIG = join(root, "test", "cluster", "mocharc.cjs");
const IMAGE = "localhost/tidemark:tests";
/** An image without the command, for what happens then. */
const BASE = "localhost/tidemark-base:tests";

await testCommand((args) => {
  const keep = args.includes("--keep");
  const others = args.filter((arg) => arg !== "--keep");
  return withLock(home.lock, () => run(others, keep), wait);
});

async function run(mochaArguments, keep) {
  checkNode();
  const engine = await alone(async () => {
    await step("dependencies", installDependencies);
    const found = await step("engine", ensureEngine);
    await step("compiler", (progress) => compile(TESTS, progress));
    return found;
  });
  await step("packages", async ({ progress }) => ({ reason: await ensurePackages(progress) }));
  await step("programs", async ({ progress }) => ({ reason: await ensurePrograms(progress) }));
  const images = await step("image", makeImages);
  try {
    await step("cluster", async ({ progress }) => ({ reason: await up(progress) }));
    for (const archive of images) await loadImage(archive);
    return await runMocha(["--config", CONFIG, ...mochaArguments], {
      ...testEnvironmentWithEngine(engine),
      TIDEMARK_KUBE_HOME: home.root,
      TIDEMARK_CLUSTER_IMAGE: IMAGE,
      TIDEMARK_CLUSTER_BASE: BASE,
      KUBECONFIG: home.kubeconfig,
    });
  } finally {
    if (!keep) await step("cluster", async () => ({ reason: await down() }));
  }
}

/** The program's own image, on a base that no registry is needed for. */
async function makeImages({ progress }) {
  const store = join(home.root, "images");
  mkdirSync(store, { recursive: true });
  const archive = join(store, "tidemark.tar");
  progress("base");
  const base = await makeLocalBase({ tag: BASE, store });
  const baseArchive = join(store, "base.tar");
  // Any version of it will do: all that matters is what it does not have.
  if (!existsSync(baseArchive)) {
    rmSync(`${baseArchive}.part`, { force: true });
    await buildah(store, ["push", base, `oci-archive:${baseArchive}.part:${BASE}`]);
    renameSync(`${baseArchive}.part`, baseArchive);
  }
  progress("tidemark");
  const { compressedBytes } = await buildImage({ tag: IMAGE, base, archive, store });
  const size = (compressedBytes / 1e6).toFixed(1);
  return { reason: `${IMAGE}, ${size} MB compressed`, value: [archive, baseArchive] };
}

function wait(pid) {
  say(`process ${pid} works on the cluster; waiting for it`);
}
