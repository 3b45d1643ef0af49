// Where the cluster keeps what it builds and what it runs on: a cache folder, outside of the repository.
import { homedir } from "node:os";
import { join, resolve } from "node:path";

export const KUBERNETES = "v1.34.2";
export const ETCD = "v3.6.4";
export const OPERATOR = "v0.19.2";

const { TIDEMARK_KUBE_HOME, XDG_CACHE_HOME } = process.env;
const root = resolve(
  TIDEMARK_KUBE_HOME || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "tidemark", "kube"),
);

export const home = {
  root,
  bin: join(root, "bin"),
  source: join(root, "source"),
  crds: join(root, "crds"),
  pki: join(root, "pki"),
  run: join(root, "run"),
  logs: join(root, "log"),
  data: join(root, "data"),
  lock: join(root, "lock"),
  ports: join(root, "ports.json"),
  kubeconfig: join(root, "admin.kubeconfig"),
  containerdSocket: join(root, "run", "containerd", "containerd.sock"),
  program: (name) => join(root, "bin", name),
};

/** The networks of the cluster; nothing outside of this machine sees them. */
export const network = {
  name: "tidemark",
  bridge: "tidemark0",
  pods: "10.244.0.0/24",
  gateway: "10.244.0.1",
  services: "10.96.0.0/16",
  apiService: "10.96.0.1",
};

export const NODE = "node1";
export const PAUSE_IMAGE = "localhost/pause:1";
