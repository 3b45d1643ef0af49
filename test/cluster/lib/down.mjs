// Takes the cluster down. Only what `up` has started is ended, and all of that, however it was left.
import { existsSync, lstatSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pidOf, stop } from "./daemons.mjs";
import { home } from "./home.mjs";
import { clearKernel, killContainers } from "./kernel.mjs";
import { tryKubectl } from "./kubectl.mjs";

const WORKLOADS = "jobs,deployments,statefulsets,daemonsets,replicasets";
/** First those that would start others again. */
const ORDER = [
  "external-secrets",
  "kubelet",
  "kube-proxy",
  "kube-scheduler",
  "kube-controller-manager",
  "kube-apiserver",
];

/** Programs stay; data and certificates go, and so do the logs, unless they are to be looked at. */
export async function down({ keepLogs = false } = {}) {
  if (!existsSync(home.run)) return "was not running";
  if (pidOf("kubelet") && pidOf("kube-apiserver") && pidOf("containerd")) await endPods();
  for (const name of ORDER) await stop(name);
  killContainers();
  await stop("containerd", 10);
  await stop("etcd");
  await clearKernel();
  removeLogLinks();
  const gone = [home.data, home.run, home.pki, home.ports, ...(keepLogs ? [] : [home.logs])];
  for (const path of gone) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  return "stopped; its programs stay for the next time";
}

// The kubelet takes pods down properly: their networks and mounts go with them.
async function endPods() {
  await tryKubectl(["delete", WORKLOADS, "-A", "--all", "--wait=false"]);
  const options = ["--grace-period=1", "--timeout=20s"];
  await tryKubectl(["delete", "pods", "-A", "--all", ...options]);
}

// The kubelet links the logs of containers into a folder of the machine.
function removeLogLinks() {
  const folder = "/var/log/containers";
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const link = join(folder, name);
    const ours = lstatSync(link).isSymbolicLink() && readlinkSync(link).startsWith(home.logs);
    if (ours) rmSync(link);
  }
}
