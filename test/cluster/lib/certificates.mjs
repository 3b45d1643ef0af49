// The cluster's certificates and kubeconfigs, made anew for each cluster: nothing in them outlives it.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NODE, home, network } from "./home.mjs";
import { run } from "./run.mjs";

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
const DAYS = ["-days", "365"];

/** Who talks to the API server → subject. */
const CLIENTS = {
  admin: "/O=system:masters/CN=admin",
  "apiserver-kubelet-client": "/O=system:masters/CN=kube-apiserver-kubelet-client",
  controllers: "/CN=system:kube-controller-manager",
  "external-secrets": "/O=system:masters/CN=external-secrets",
  kubelet: `/O=system:nodes/CN=system:node:${NODE}`,
  "kube-proxy": "/CN=system:kube-proxy",
  scheduler: "/CN=system:kube-scheduler",
};

export const pki = (file) => join(home.pki, file);

export async function makeCertificates({ address, ports }) {
  mkdirSync(home.pki, { recursive: true, mode: 0o700 });
  await makeAuthority();
  await run("openssl", ["genrsa", "-out", pki("accounts.key"), "2048"]);
  await run("openssl", ["rsa", "-in", pki("accounts.key"), "-pubout", "-out", pki("accounts.pub")]);
  const service = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"];
  const names = ["localhost", ...service, "kubernetes.default.svc.cluster.local"];
  const own = ["127.0.0.1", network.apiService, network.gateway, address];
  await makeServer("apiserver", "/CN=kube-apiserver", names, own);
  await makeServer("kubelet-server", `/CN=${NODE}`, [NODE, "localhost"], ["127.0.0.1", address]);
  for (const [name, subject] of Object.entries(CLIENTS)) {
    await makeCertificate(name, subject, "extendedKeyUsage=clientAuth");
    const target = name === "admin" ? home.kubeconfig : pki(`${name}.kubeconfig`);
    writeKubeconfig(target, name, ports.api);
  }
}

/** A certificate for `localhost` by the cluster's authority, for doubles that tests serve: `{ key, cert, ca }`, paths. */
export async function makeLocalCertificate(name) {
  await makeServer(name, "/CN=localhost", ["localhost"], ["127.0.0.1"]);
  return { key: pki(`${name}.key`), cert: pki(`${name}.crt`), ca: pki("ca.crt") };
}

function makeAuthority() {
  const uses = [
    "-addext",
    "basicConstraints=critical,CA:TRUE",
    "-addext",
    "keyUsage=critical,keyCertSign,cRLSign,digitalSignature",
  ];
  const files = ["-keyout", pki("ca.key"), "-out", pki("ca.crt"), "-subj", "/CN=tests"];
  return run("openssl", ["req", "-x509", ...KEY, ...DAYS, ...files, ...uses]);
}

function makeServer(name, subject, names, addresses) {
  const all = [...names.map((host) => `DNS:${host}`), ...addresses.map((ip) => `IP:${ip}`)];
  return makeCertificate(
    name,
    subject,
    `extendedKeyUsage=serverAuth\nsubjectAltName=${[...new Set(all)].join(",")}`,
  );
}

async function makeCertificate(name, subject, extensions) {
  const [key, request, text] = [pki(`${name}.key`), pki(`${name}.csr`), pki(`${name}.ext`)];
  writeFileSync(
    text,
    `basicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyEncipherment\n${extensions}\n`,
  );
  await run("openssl", ["req", "-new", ...KEY, "-keyout", key, "-out", request, "-subj", subject]);
  const authority = ["-CA", pki("ca.crt"), "-CAkey", pki("ca.key"), "-CAcreateserial"];
  const files = ["-in", request, "-extfile", text, "-out", pki(`${name}.crt`)];
  await run("openssl", ["x509", "-req", ...authority, ...DAYS, ...files]);
}

function writeKubeconfig(target, user, port) {
  const data = (file) => readFileSync(pki(file)).toString("base64");
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    "certificate-authority-data": data("ca.crt"),
  };
  const credentials = {
    "client-certificate-data": data(`${user}.crt`),
    "client-key-data": data(`${user}.key`),
  };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "tests",
    clusters: [{ name: "tests", cluster }],
    users: [{ name: user, user: credentials }],
    contexts: [{ name: "tests", context: { cluster: "tests", user } }],
  };
  writeFileSync(target, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  chmodSync(target, 0o600);
}
