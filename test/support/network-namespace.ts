/** A machine of one's own, as far as the network goes: a namespace of Linux, joined to this one by a cable. Takes root. */
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";

export interface NetworkNamespace {
  /** This side's address, as the namespace sees it. */
  readonly hostAddress: string;
  /** What to put in front of a command so that it runs in the namespace. */
  readonly prefix: readonly string[];
  /** Pulls the cable: nothing arrives any more, and nobody says so. */
  unplug(): void;
}

/** Whether namespaces can be made here. */
export function hasNetworkNamespaces(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const name = `tidemark-try-${process.pid}`;
  const isMade = run("netns", "add", name);
  if (isMade) run("netns", "delete", name);
  return isMade;
}

let made = 0;

/** Runs `work` with a namespace, which is removed afterwards. */
export async function withNetworkNamespace(
  work: (namespace: NetworkNamespace) => Promise<void>,
): Promise<void> {
  const id = `${process.pid}-${made++}`;
  const name = `tidemark-${id}`;
  const cable = `tm${id}`; // 15 characters at most
  const net = `10.213.${randomInt(256)}`;
  must("netns", "add", name);
  try {
    must("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name);
    must("address", "add", `${net}.1/30`, "dev", cable);
    must("link", "set", cable, "up");
    must("-n", name, "address", "add", `${net}.2/30`, "dev", "eth0");
    must("-n", name, "link", "set", "eth0", "up");
    await work({
      hostAddress: `${net}.1`,
      prefix: ["ip", "netns", "exec", name],
      unplug: () => must("link", "set", cable, "down"),
    });
  } finally {
    run("link", "delete", cable); // the namespace itself may live on until its last connection has given up
    must("netns", "delete", name);
  }
}

function run(...args: string[]): boolean {
  return spawnSync("ip", args, { stdio: "ignore" }).status === 0;
}

function must(...args: string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
}
