// Builds Kubernetes, etcd and the External Secrets Operator from their modules with Go: about fifteen minutes the first
// time on two cores, nothing afterwards.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "../../../scripts/lib/failure.mjs";
import { capture } from "../../../scripts/lib/processes.mjs";
import { ETCD, KUBERNETES, OPERATOR, PAUSE_IMAGE, home } from "./home.mjs";
import { packImage } from "./image.mjs";
import { run } from "./run.mjs";

const SOURCES = resolve(dirname(fileURLToPath(import.meta.url)), "../go");
const PROGRAMS = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-proxy",
  "kube-scheduler",
  "kubectl",
  "kubelet",
];
const MODULE = "github.com/external-secrets/external-secrets";
/** The operator is its own; only the list of providers that are linked in is shorter. */
const PROVIDERS = ["azure/keyvault", "fake", "kubernetes", "webhook"];
const GENERATORS = ["fake", "password", "uuid"];
const GO = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=mod", GOWORK: "off" };

export async function ensurePrograms(progress) {
  mkdirSync(home.bin, { recursive: true });
  const go = await capture("go", ["version"]).catch(() => undefined);
  const parts = [
    ["kube1", `${KUBERNETES} ${ETCD}`, buildKubernetes],
    ["external-secrets", `${OPERATOR} ${PROVIDERS.join(" ")}`, buildOperator],
    ["pause.tar", "1", buildPause],
  ];
  const built = [];
  for (const [name, version, build] of parts) {
    if (isBuilt(name, version)) continue;
    if (go?.code !== 0)
      throw new Failure("there is no Go on PATH", "Install Go (https://go.dev/dl/) 1.24 or newer.");
    await build(counter(name, progress));
    writeFileSync(versionFile(name), version);
    built.push(name);
  }
  for (const name of PROGRAMS)
    if (!existsSync(home.program(name))) symlinkSync("kube1", home.program(name));
  return built.length === 0
    ? `Kubernetes ${KUBERNETES}, there already`
    : `built ${built.join(", ")}`;
}

const versionFile = (name) => home.program(`${name}.version`);
const isBuilt = (name, version) =>
  existsSync(home.program(name)) &&
  existsSync(versionFile(name)) &&
  readFileSync(versionFile(name), "utf8").trim() === version;

/** Tells of a build how far it is: Go names each module that it gets and each package that it compiles. */
function counter(name, progress) {
  const counts = { downloaded: 0, compiled: 0 };
  progress(`${name}: go build`);
  return (line) => {
    counts[line.startsWith("go: downloading") ? "downloaded" : "compiled"] += 1;
    progress(
      `${name}: ${counts.downloaded} modules downloaded, ${counts.compiled} packages compiled`,
    );
  };
}

async function goBuild(cwd, name, flags, onLine) {
  const partial = home.program(`${name}.${process.pid}.partial`);
  const args = [
    "build",
    "-v",
    "-trimpath",
    "-buildvcs=false",
    "-ldflags",
    flags,
    "-o",
    partial,
    ".",
  ];
  await run("go", args, { cwd, env: GO, onLine });
  renameSync(partial, home.program(name));
}

async function buildKubernetes(onLine) {
  const stamp = {
    gitVersion: KUBERNETES,
    gitMajor: "1",
    gitMinor: KUBERNETES.split(".")[1],
    gitTreeState: "clean",
    gitCommit: "0".repeat(40),
    buildDate: "1970-01-01T00:00:00Z",
  };
  const packages = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"];
  const flags = packages.flatMap((place) =>
    Object.entries(stamp).map(([key, value]) => `-X ${place}.${key}=${value}`),
  );
  await goBuild(join(SOURCES, "kube1"), "kube1", ["-s -w", ...flags].join(" "), onLine);
}

async function buildOperator(onLine) {
  mkdirSync(home.source, { recursive: true });
  const told = await run("go", ["mod", "download", "-json", `${MODULE}@${OPERATOR}`], {
    cwd: home.source,
    env: GO,
  });
  const source = join(home.source, "external-secrets");
  rmSync(source, { recursive: true, force: true });
  cpSync(JSON.parse(told).Dir, source, { recursive: true });
  makeWritable(source);
  register(join(source, "pkg", "provider"), PROVIDERS);
  register(join(source, "pkg", "generator"), GENERATORS);
  await goBuild(source, "external-secrets", "-s -w", onLine);
  rmSync(home.crds, { recursive: true, force: true });
  const isOurs = (name) => !name.includes(".") || name.includes("external-secrets.io_");
  cpSync(join(source, "config", "crds", "bases"), home.crds, {
    recursive: true,
    filter: (path) => isOurs(path.slice(path.lastIndexOf("/") + 1)),
  });
}

function register(folder, names) {
  const place = `${MODULE}/pkg/${folder.endsWith("provider") ? "provider" : "generator"}`;
  const imports = names.map((name) => `\t_ "${place}/${name}"`).join("\n");
  writeFileSync(
    join(folder, "register", "register.go"),
    `package register\n\nimport (\n${imports}\n)\n`,
  );
}

// Go's module cache is read-only, and a copy keeps that.
function makeWritable(folder) {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    if (!entry.isSymbolicLink())
      chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
}

async function buildPause(onLine) {
  const root = join(home.source, "pause-root");
  mkdirSync(root, { recursive: true });
  const args = ["build", "-v", "-trimpath", "-ldflags", "-s -w", "-o", join(root, "pause"), "."];
  await run("go", args, { cwd: join(SOURCES, "pause"), env: GO, onLine });
  await packImage(root, home.program("pause.tar"), PAUSE_IMAGE, {
    Entrypoint: ["/pause"],
    User: "65535:65535",
  });
}
