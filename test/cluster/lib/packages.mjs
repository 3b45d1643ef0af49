// The container runtime, the network tools and the builder of images: Debian packages, of which none may start a service of its own.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { Failure } from "../../../scripts/lib/failure.mjs";
import { capture } from "../../../scripts/lib/processes.mjs";
import { run } from "./run.mjs";

const PACKAGES = [
  "containerd",
  "runc",
  "containernetworking-plugins",
  "iptables",
  "conntrack",
  "ethtool",
  "iproute2",
  "openssl",
  "buildah",
];
const POLICY = "/usr/sbin/policy-rc.d";

export async function ensurePackages(progress) {
  const missing = [];
  for (const name of PACKAGES) if (!(await isInstalled(name))) missing.push(name);
  if (missing.length === 0) return "container runtime there already";
  if (process.getuid?.() !== 0)
    throw new Failure(
      `these packages are missing: ${missing.join(" ")}`,
      "Run as root, or install them (Debian's names).",
    );
  progress(`apt-get install ${missing.join(" ")}`);
  await run("apt-get", ["update", "-qq"]);
  await withoutServices(() =>
    run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    }),
  );
  return `installed ${missing.join(" ")}`;
}

async function isInstalled(name) {
  const asked = await capture("dpkg-query", ["-W", "-f=${Status}", name]).catch(() => undefined);
  return asked?.stdout === "install ok installed";
}

async function withoutServices(work) {
  if (existsSync(POLICY)) return work();
  writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    return await work();
  } finally {
    rmSync(POLICY, { force: true });
  }
}
