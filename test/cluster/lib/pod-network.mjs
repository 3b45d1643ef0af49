// What pods leave in the kernel and in the cache of the network plugins, if they could not be taken down properly.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { network } from "./home.mjs";
import { attempt } from "./run.mjs";

const RESULTS = "/var/lib/cni/results";
/** The kubelet's own chains, which it never takes away. */
const KUBELET = ["KUBE-KUBELET-CANARY", "KUBE-IPTABLES-HINT", "KUBE-FIREWALL"];

export async function clearPodNetworks() {
  await attempt("ip", ["link", "delete", network.bridge]);
  await clearRules();
  for (const table of ["nat", "mangle", "filter"])
    for (const chain of KUBELET) await clearChain(table, chain);
  clearResults();
}

async function clearChain(table, chain) {
  const change = (...args) => attempt("iptables", ["-w", "-t", table, ...args]);
  for (const from of ["INPUT", "OUTPUT"]) await change("-D", from, "-j", chain);
  await change("-F", chain);
  await change("-X", chain);
}

// The plugins give each pod a chain, and say in a comment which network it belongs to.
async function clearRules() {
  const saved = await attempt("iptables-save", ["-t", "nat"]);
  const lines = (saved?.stdout ?? "").split("\n");
  const ours = lines.filter((line) => line.includes(`name: \\"${network.name}\\"`));
  if (ours.length === 0) return;
  const chains = new Set(ours.flatMap((line) => /-j (CNI-\w+)/.exec(line)?.[1] ?? []));
  const isOurs = (line) =>
    ours.includes(line) || [...chains].some((chain) => line.startsWith(`:${chain} `));
  const input = lines.filter((line) => !isOurs(line)).join("\n");
  await attempt("iptables-restore", ["-w", "-T", "nat"], { input });
}

function clearResults() {
  const names = existsSync(RESULTS) ? readdirSync(RESULTS) : [];
  const pods = names.flatMap(
    (name) => new RegExp(`^${network.name}-(\\w+)-`).exec(name)?.[1] ?? [],
  );
  for (const name of names)
    if (pods.some((pod) => name.includes(pod))) rmSync(join(RESULTS, name), { force: true });
}
