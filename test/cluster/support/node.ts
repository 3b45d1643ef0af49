/** The node of the cluster: its programs and what runs on it. */
import { readdirSync, readFileSync } from "node:fs";

import { clusterLibrary } from "./library";

/** Ends kubelet and containerd, and starts them again; containers go on meanwhile. */
export async function restartNode(): Promise<void> {
  const { stop, startRuntime, startNode, nodeAddress, readPorts, ctr, waitUntil } =
    await clusterLibrary();
  await stop("kubelet");
  await stop("containerd");
  startRuntime();
  await waitUntil("containerd", 30, async () => (await ctr(["version"])) !== undefined);
  startNode({ address: await nodeAddress(), ports: readPorts() });
}

/** The command lines of all processes of this machine, which is the node. */
export function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, "utf8")];
      } catch {
        return []; // it has ended
      }
    });
}
