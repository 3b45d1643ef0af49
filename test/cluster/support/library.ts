/** What of the scripts of the cluster a test uses. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Compiled, this file lies in bin/test/cluster/support. */
const FOLDER = resolve(__dirname, "../../../../test/cluster/lib");

interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface ClusterLibrary {
  readonly nodeAddress: () => Promise<string>;
  /** Paths of files. */
  readonly makeLocalCertificate: (name: string) => Promise<Certificate>;
  readonly kubectl: (args: readonly string[], options?: Input) => Promise<string>;
  readonly tryKubectl: (args: readonly string[], options?: Input) => Promise<Output>;
  readonly stop: (name: string, seconds?: number) => Promise<void>;
  readonly startOperator: (environment?: Readonly<Record<string, string>>) => void;
  readonly startRuntime: () => void;
  /** Of kubelet and kube-proxy, what does not run. */
  readonly startNode: (settings: { readonly address: string; readonly ports: unknown }) => void;
  readonly readPorts: () => unknown;
  /** What containerd's own command prints; undefined where it fails. */
  readonly ctr: (args: readonly string[]) => Promise<string | undefined>;
  /** Ends all containers of the node at once. */
  readonly killContainers: () => void;
  readonly operatorWorks: () => boolean;
  readonly waitUntil: (what: string, seconds: number, ask: () => unknown) => Promise<void>;
  readonly home: { readonly kubeconfig: string; readonly logs: string };
}

interface Certificate {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

interface Input {
  readonly input?: string;
}

const FILES = [
  "address",
  "certificates",
  "kubectl",
  "daemons",
  "programs",
  "runtime",
  "up",
  "run",
  "home",
  "kernel",
];

let loaded: Promise<ClusterLibrary> | undefined;

export function clusterLibrary(): Promise<ClusterLibrary> {
  loaded ??= Promise.all(
    FILES.map((name) => import(pathToFileURL(resolve(FOLDER, `${name}.mjs`)).href)),
  ).then((modules: object[]) => Object.assign({}, ...modules) as ClusterLibrary);
  return loaded;
}

/** Applies manifests as the administrator. */
export async function apply(...manifests: readonly object[]): Promise<void> {
  const { kubectl } = await clusterLibrary();
  const items = { apiVersion: "v1", kind: "List", items: manifests };
  await kubectl(["apply", "-f", "-"], { input: JSON.stringify(items) });
}

/** An object, or a list of them, as the API has it; undefined: there is none. */
export async function getObject<T = Record<string, unknown>>(
  ...args: readonly string[]
): Promise<T | undefined> {
  const { tryKubectl } = await clusterLibrary();
  const { code, stdout, stderr } = await tryKubectl(["get", ...args, "-o", "json"]);
  if (code === 0) return JSON.parse(stdout) as T;
  if (/NotFound/.test(stderr)) return undefined;
  throw new Error(stderr);
}
