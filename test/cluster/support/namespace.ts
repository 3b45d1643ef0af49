/** A namespace of a scenario: PodSecurity "restricted" enforced, PostgreSQL as a Service, a store that reads the vault. */
import { setTimeout as sleep } from "node:timers/promises";

import type { Lab } from "./lab";
import { apply, clusterLibrary, getObject } from "./library";

export const SERVICE = "postgres-ameide-rw";

/** In the pod that stands for the server's, for port-forwards: all that comes goes to the door. */
const FORWARD = `
const net = require("net");
net.createServer((socket) => {
  const behind = net.connect(Number(process.env.DOOR_PORT), process.env.DOOR_HOST);
  for (const end of [socket, behind]) end.on("error", () => { socket.destroy(); behind.destroy(); });
  socket.pipe(behind).pipe(socket);
}).listen(5432);`;

export interface ScenarioNamespace {
  readonly name: string;
  readonly store: string;
  /** Where PostgreSQL is, by the name that the stack's configuration has. */
  readonly host: string;
  readonly hostAliases: readonly { readonly ip: string; readonly hostnames: readonly string[] }[];
}

export async function makeNamespace(lab: Lab, name: string): Promise<ScenarioNamespace> {
  const host = `${SERVICE}.${name}.svc.cluster.local`;
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
  await apply(storeOf(lab, name), service(name), pod(lab, name));
  await podIsReady(name);
  // The cluster has no DNS: the Job's pods are told the address.
  return { name, store: name, host, hostAliases: [{ ip: lab.door.host, hostnames: [host] }] };
}

export async function removeNamespace(name: string): Promise<void> {
  const { kubectl } = await clusterLibrary();
  await kubectl(["delete", "clustersecretstore", name, "--ignore-not-found"]);
  await kubectl(["delete", "namespace", name, "--ignore-not-found", "--timeout=120s"]);
}

const storeOf = ({ plane }: Lab, name: string) => ({
  apiVersion: "external-secrets.io/v1",
  kind: "ClusterSecretStore",
  metadata: { name },
  spec: { provider: { azurekv: { authType: "ManagedIdentity", vaultUrl: plane.url } } },
});

const service = (namespace: string) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: SERVICE, namespace },
  spec: { selector: { app: SERVICE }, ports: [{ port: 5432, targetPort: 5432 }] },
});

const pod = ({ door, image }: Lab, namespace: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: SERVICE, namespace, labels: { app: SERVICE } },
  spec: {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "forward",
        image,
        imagePullPolicy: "Never",
        command: ["node", "-e", FORWARD],
        env: [
          { name: "DOOR_HOST", value: door.host },
          { name: "DOOR_PORT", value: String(door.port) },
        ],
        ports: [{ containerPort: 5432 }],
        readinessProbe: { tcpSocket: { port: 5432 }, periodSeconds: 1 },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
  },
});

interface PodStatus {
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

async function podIsReady(namespace: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1, await sleep(200)) {
    const found = await getObject<PodStatus>("pod", SERVICE, "-n", namespace);
    const { conditions = [] } = found?.status ?? {};
    if (conditions.some(({ type, status }) => type === "Ready" && status === "True")) return;
  }
  throw new Error(`the pod ${SERVICE} in ${namespace} does not become ready`);
}
