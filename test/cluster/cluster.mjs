// A real Kubernetes of one node with the real External Secrets Operator, without Docker: for the tests, and by hand.
import { spawnSync } from "node:child_process";
import { helpFor } from "../../scripts/lib/arguments.mjs";
import { command, usage } from "../../scripts/lib/failure.mjs";
import { withLock } from "../../scripts/lib/lock.mjs";
import { say, step, table } from "../../scripts/lib/terminal.mjs";
import { ensurePrograms } from "./lib/build.mjs";
import { pidOf } from "./lib/daemons.mjs";
import { down } from "./lib/down.mjs";
import { home } from "./lib/home.mjs";
import { ensurePackages } from "./lib/packages.mjs";
import { PROGRAMS } from "./lib/programs.mjs";
import { loadImage } from "./lib/runtime.mjs";
import { up } from "./lib/up.mjs";

helpFor(`
node test/cluster/cluster.mjs <command>

  build                install and build what is missing (the first time about fifteen minutes; root, Go)
  up                   start it, building first if need be
  down                 stop it; the programs stay
  status               what runs; exit code 1 where anything does not
  load-image <tar>…    load images into the node (it can pull none)
  kubectl <arguments>  kubectl as administrator

Everything lies in TIDEMARK_KUBE_HOME (default: a folder in the user's cache).
`);

const [name = "", ...args] = process.argv.slice(2);

const build = async () => {
  await step("packages", async ({ progress }) => ({ reason: await ensurePackages(progress) }));
  await step("programs", async ({ progress }) => ({ reason: await ensurePrograms(progress) }));
};

const commands = {
  build,
  up: async () => {
    await build();
    await step("cluster", async ({ progress }) => ({ reason: await up(progress) }));
    say(`export KUBECONFIG=${home.kubeconfig}`);
  },
  down: () => step("cluster", async () => ({ reason: await down() })),
  "load-image": async () => {
    for (const tar of args) say((await loadImage(tar)).trim());
  },
};

await command(async () => {
  if (name === "status") return status();
  if (name === "kubectl") return kubectl();
  const work = commands[name];
  if (!work)
    throw usage(`unknown command ${name || "(none)"}`, "node test/cluster/cluster.mjs --help");
  await withLock(home.lock, work, (pid) => say(`waiting for process ${pid}, which works on it`));
  return 0;
});

function status() {
  const states = PROGRAMS.map((program) => [program, pidOf(program) ?? "stopped"]);
  table(["program", "process"], states);
  return states.every(([, state]) => state !== "stopped") ? 0 : 1;
}

function kubectl() {
  const env = { ...process.env, KUBECONFIG: home.kubeconfig };
  return spawnSync(home.program("kubectl"), args, { stdio: "inherit", env }).status ?? 1;
}
