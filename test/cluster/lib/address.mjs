// The address under which this machine's pods and its own programs meet, and the ports that the cluster takes.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { Failure } from "../../../scripts/lib/failure.mjs";
import { findFreePort } from "../../../scripts/lib/free-port.mjs";
import { capture } from "../../../scripts/lib/processes.mjs";
import { home } from "./home.mjs";

const NAMES = [
  "api",
  "etcd",
  "etcdPeer",
  "kubelet",
  "kubeletHealth",
  "controllers",
  "scheduler",
  "proxyHealth",
  "proxyMetrics",
];

/** That of the default route, else the first that is not the loopback's. */
export async function nodeAddress() {
  const route = await capture("ip", ["-4", "-o", "route", "get", "192.0.2.254"]).catch(() => {});
  const found = /\bsrc (\S+)/.exec(route?.stdout ?? "")?.[1] ?? firstAddress();
  if (found) return found;
  throw new Failure("this machine has no network address", "The node of the cluster needs one.");
}

const firstAddress = () =>
  Object.values(networkInterfaces())
    .flat()
    .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

/** Those of the last `up`, which a running cluster uses. */
export const readPorts = () =>
  existsSync(home.ports) ? JSON.parse(readFileSync(home.ports, "utf8")) : undefined;

/** Name → port, all free now. */
export async function choosePorts() {
  const ports = {};
  for (const name of NAMES)
    ports[name] = await findFreePort(`${home.root} ${name}`, Object.values(ports));
  mkdirSync(home.root, { recursive: true });
  writeFileSync(home.ports, `${JSON.stringify(ports, null, 2)}\n`);
  return ports;
}
