// What the kubelet wants of the kernel, and what a cluster leaves there.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { home } from "./home.mjs";
import { clearPodNetworks } from "./pod-network.mjs";
import { attempt, run } from "./run.mjs";

const CGROUPS = "/sys/fs/cgroup";
const CGROUP2 = 0x63677270;
const CONTROLLERS = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids"];

/** Mounts the hierarchies of cgroup v1 where the machine uses them and has not, and lets packets through. */
export async function prepareKernel() {
  if (statfsSync(CGROUPS).type !== CGROUP2) await mountHierarchies();
  await attempt("sysctl", ["-qw", "net.ipv4.ip_forward=1"]);
  if (existsSync("/proc/sys/net/bridge/bridge-nf-call-iptables"))
    await attempt("sysctl", ["-qw", "net.bridge.bridge-nf-call-iptables=1"]);
}

async function mountHierarchies() {
  const mounted = mounts();
  if (!mounted.includes(CGROUPS))
    await run("mount", ["-t", "tmpfs", "-o", "mode=755", "cgroup", CGROUPS]);
  const known = readFileSync("/proc/cgroups", "utf8");
  for (const name of CONTROLLERS) {
    const place = join(CGROUPS, name);
    if (!new RegExp(`^${name}\\s`, "m").test(known) || mounted.includes(place)) continue;
    mkdirSync(place, { recursive: true });
    await attempt("mount", ["-t", "cgroup", "-o", name, "cgroup", place]);
  }
}

const mounts = () =>
  readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");

/** Ends what containers of this cluster still run: the children of the shims that know our containerd. */
export function killContainers() {
  const all = processes();
  const shims = all.filter(({ command }) => command.includes(home.containerdSocket));
  const doomed = new Set(shims.map(({ pid }) => pid));
  for (let size = -1; size !== doomed.size;) {
    size = doomed.size;
    for (const { pid, parent } of all) if (doomed.has(parent)) doomed.add(pid);
  }
  for (const pid of doomed) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it has ended meanwhile
    }
  }
}

function processes() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "");
        return [{ pid: Number(pid), parent: Number(stat.split(" ")[1]), command }];
      } catch {
        return [];
      }
    });
}

/** Mounts under our folders (deepest first), the packet rules, the pod networks, the cgroups of pods. */
export async function clearKernel() {
  const ours = mounts().filter((place) =>
    [home.data, home.run].some((folder) => place.startsWith(`${folder}/`)),
  );
  for (const place of ours.sort().reverse()) await attempt("umount", ["-l", place]);
  if (existsSync(home.program("kube-proxy")))
    await attempt(home.program("kube-proxy"), ["--cleanup"]);
  await clearPodNetworks();
  for (const place of podGroups()) removeGroups(place);
}

const podGroups = () =>
  [CGROUPS, ...readdirSync(CGROUPS).map((name) => join(CGROUPS, name))]
    .map((place) => join(place, "kubepods"))
    .filter((place) => existsSync(place));

// A group that still holds a process stays: it is not ours.
function removeGroups(place) {
  for (const entry of readdirSync(place, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroups(join(place, entry.name));
  try {
    rmdirSync(place);
  } catch {
    // in use
  }
}
