// The programs of the cluster and what each is told, in the order in which they start.
import { join } from "node:path";
import { pki } from "./certificates.mjs";
import { start } from "./daemons.mjs";
import { NODE, home, network } from "./home.mjs";
import { files } from "./node-settings.mjs";

export const PROGRAMS = [
  "etcd",
  "containerd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
  "kube-proxy",
  "external-secrets",
];

/** `{ "a-b": 1 }` → `--a-b=1` */
const flags = (values) => Object.entries(values).map(([name, value]) => `--${name}=${value}`);

const launch = (name, values, environment) =>
  start(name, home.program(name), flags(values), environment);

export function startStore({ ports }) {
  const [clients, peers] = [ports.etcd, ports.etcdPeer].map((port) => `http://127.0.0.1:${port}`);
  launch("etcd", {
    name: "default",
    "data-dir": join(home.data, "etcd"),
    "unsafe-no-fsync": true,
    "log-level": "warn",
    "listen-client-urls": clients,
    "advertise-client-urls": clients,
    "listen-peer-urls": peers,
    "initial-advertise-peer-urls": peers,
    "initial-cluster": `default=${peers}`,
  });
}

export const startRuntime = () => start("containerd", "containerd", ["--config", files.containerd]);

export function startApi({ address, ports }) {
  launch("kube-apiserver", {
    "etcd-servers": `http://127.0.0.1:${ports.etcd}`,
    "secure-port": ports.api,
    "bind-address": "0.0.0.0",
    "advertise-address": address,
    "tls-cert-file": pki("apiserver.crt"),
    "tls-private-key-file": pki("apiserver.key"),
    "client-ca-file": pki("ca.crt"),
    "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
    "service-account-key-file": pki("accounts.pub"),
    "service-account-signing-key-file": pki("accounts.key"),
    "service-cluster-ip-range": network.services,
    "authorization-mode": "Node,RBAC",
    "enable-admission-plugins": "NodeRestriction",
    "kubelet-client-certificate": pki("apiserver-kubelet-client.crt"),
    "kubelet-client-key": pki("apiserver-kubelet-client.key"),
    "kubelet-certificate-authority": pki("ca.crt"),
    "kubelet-preferred-address-types": "InternalIP,Hostname",
    "anonymous-auth": false,
    profiling: false,
    v: 1,
  });
}

export function startControllers({ ports }) {
  const kubeconfigs = (name) =>
    Object.fromEntries(
      ["kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig"].map((flag) => [
        flag,
        pki(`${name}.kubeconfig`),
      ]),
    );
  const common = { "bind-address": "127.0.0.1", "leader-elect": false, v: 1 };
  launch("kube-controller-manager", {
    ...kubeconfigs("controllers"),
    ...common,
    "secure-port": ports.controllers,
    "cert-dir": join(home.run, "controllers"),
    "service-account-private-key-file": pki("accounts.key"),
    "root-ca-file": pki("ca.crt"),
    "cluster-signing-cert-file": pki("ca.crt"),
    "cluster-signing-key-file": pki("ca.key"),
    "use-service-account-credentials": true,
    "allocate-node-cidrs": false,
  });
  launch("kube-scheduler", {
    ...kubeconfigs("scheduler"),
    ...common,
    "secure-port": ports.scheduler,
    "cert-dir": join(home.run, "scheduler"),
  });
}

export function startNode({ address, ports }) {
  launch("kubelet", {
    config: files.kubelet,
    kubeconfig: pki("kubelet.kubeconfig"),
    "root-dir": join(home.data, "kubelet"),
    "hostname-override": NODE,
    "node-ip": address,
    "cert-dir": join(home.run, "kubelet"),
    v: 1,
  });
  launch("kube-proxy", {
    kubeconfig: pki("kube-proxy.kubeconfig"),
    "hostname-override": NODE,
    "proxy-mode": "iptables",
    "cluster-cidr": network.pods,
    "conntrack-max-per-core": 0,
    "conntrack-tcp-timeout-established": "0s",
    "conntrack-tcp-timeout-close-wait": "0s",
    "healthz-bind-address": `127.0.0.1:${ports.proxyHealth}`,
    "metrics-bind-address": `127.0.0.1:${ports.proxyMetrics}`,
    v: 1,
  });
}

/** @param environment where a test's vault is, for instance */
export function startOperator(environment = {}) {
  const values = {
    "metrics-addr": "127.0.0.1:0",
    "enable-leader-election": false,
    concurrent: 4,
    loglevel: "info",
    "zap-time-encoding": "iso8601",
    "store-requeue-interval": "15s",
  };
  const kubeconfig = { KUBECONFIG: pki("external-secrets.kubeconfig") };
  launch("external-secrets", values, { ...kubeconfig, ...environment });
}
