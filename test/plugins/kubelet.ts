/**
 * What the Job controller and a kubelet do, for the tests' API server: a Job gets its pod, and the pod's container is run as
 * a process of this machine, with the environment and the files that the manifest gives it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { REPOSITORY } from "../support/stack-project";
import { kindNamed, type KubeApi } from "./kube-api";
import { metadataOf } from "./kubernetes/store";
import { at, type Properties } from "./values";

/** How a container has ended. */
export interface ContainerEnd {
  readonly exitCode: number;
  /** Its termination message. */
  readonly message: string;
  /** Default: by the exit code. */
  readonly reason?: string;
}

type Run = (job: Properties) => Promise<ContainerEnd>;

export class KubeletDouble {
  /** What containers do; a test may put something else in its place. */
  run: Run;
  /** What the containers have written, which is their pods' logs. */
  readonly logs: string[] = [];
  readonly #api: KubeApi;
  readonly #stop: () => void;
  readonly #running = new Set<Promise<void>>();
  #pods = 0;

  constructor(api: KubeApi) {
    this.#api = api;
    this.run = (job) => this.execute(job);
    this.#stop = api.store.watch(({ kind, type, object }) => {
      if (kind.kind !== "Job" || type !== "ADDED") return;
      const work = this.#runJob(object).finally(() => this.#running.delete(work));
      this.#running.add(work);
    });
  }

  /** How many pods have been made. */
  get pods(): number {
    return this.#pods;
  }

  async close(): Promise<void> {
    this.#stop();
    await Promise.allSettled(this.#running);
  }

  /** Runs the Job's container with the command of this repository. */
  async execute(job: Properties): Promise<ContainerEnd> {
    const folder = mkdtempSync(join(tmpdir(), "tidemark-pod-"));
    try {
      const container = containerOf(job);
      const mounts = this.#mount(job, folder);
      const args = (container.args as string[]).map((arg) => {
        const mount = mounts.find(({ path }) => arg === path || arg.startsWith(`${path}/`));
        return mount ? mount.folder + arg.slice(mount.path.length) : arg;
      });
      const command = join(REPOSITORY, "bin", "engine", "cli", "main.js");
      const env = { PATH: process.env.PATH, ...this.#environment(job) };
      const child = spawn(process.execPath, [command, ...args], { cwd: folder, env });
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => this.logs.push(text));
      const [code] = (await once(child, "close")) as [number | null];
      const message = readFileSync(join(folder, "termination-log"), "utf8");
      return { exitCode: code ?? 137, message };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  #mount(job: Properties, folder: string) {
    writeFileSync(join(folder, "termination-log"), "");
    const { namespace } = metadataOf(job);
    const volumes = at(job, "spec", "template", "spec", "volumes") as readonly Properties[];
    const mounts = containerOf(job).volumeMounts as readonly Record<string, string>[];
    const mounted = mounts.map(({ name = "", mountPath: path = "" }) => {
      const target = join(folder, name);
      mkdirSync(target);
      const volume = volumes.find((one) => one.name === name);
      const source = at(volume, "configMap", "name") as string | undefined;
      if (source !== undefined) this.#writeConfigMap(namespace, source, target);
      return { path, folder: target };
    });
    return [...mounted, { path: "/dev", folder }];
  }

  #writeConfigMap(namespace: string | undefined, name: string, target: string): void {
    const found = this.#api.store.get(kindNamed("ConfigMap"), namespace, name);
    for (const [key, text] of Object.entries((found?.data ?? {}) as Record<string, string>))
      writeFileSync(join(target, key), text);
    for (const [key, text] of Object.entries((found?.binaryData ?? {}) as Record<string, string>))
      writeFileSync(join(target, key), Buffer.from(text, "base64"));
  }

  #environment(job: Properties): Record<string, string> {
    const { namespace } = metadataOf(job);
    const env = (containerOf(job).env ?? []) as readonly Properties[];
    const entries = env.map(({ name, value, valueFrom }) => {
      const [secret, key] = ["name", "key"].map((one) =>
        at(valueFrom, "secretKeyRef", one),
      ) as string[];
      if (secret === undefined) return [name, value];
      const found = this.#api.store.get(kindNamed("Secret"), namespace, secret);
      const data = at(found, "data", key ?? "") as string | undefined;
      if (data === undefined)
        throw new MissingKey(`couldn't find key ${key} in Secret ${namespace}/${secret}`);
      return [name, Buffer.from(data, "base64").toString()];
    });
    return Object.fromEntries(entries) as Record<string, string>;
  }

  async #runJob(job: Properties): Promise<void> {
    const limit = Number(at(job, "spec", "backoffLimit") ?? 6);
    for (let failures = 0; ;) {
      const pod = this.#makePod(job);
      const end = await this.#runPod(job, pod);
      if (!end) return; // it waits for what it has not got
      if (end.exitCode === 0)
        return this.#finish(job, "Complete", "CompletionsReached", { succeeded: 1 });
      failures += 1;
      const failed = { failed: failures };
      const isFinal = finalCodes(job).includes(end.exitCode);
      if (isFinal) return this.#finish(job, "Failed", "PodFailurePolicy", failed, end.exitCode);
      if (failures > limit) return this.#finish(job, "Failed", "BackoffLimitExceeded", failed);
    }
  }

  #makePod(job: Properties): string {
    const { name: owner, namespace } = metadataOf(job);
    const uid = at(job, "metadata", "uid");
    this.#pods += 1;
    const name = `${owner}-${String(this.#pods).padStart(5, "p")}`;
    const prefix = "batch.kubernetes.io";
    const labels = { [`${prefix}/job-name`]: owner, [`${prefix}/controller-uid`]: uid };
    const metadata = {
      name,
      namespace,
      labels: { ...labels, "job-name": owner, "controller-uid": uid },
      ownerReferences: [
        { apiVersion: "batch/v1", kind: "Job", name: owner, uid, controller: true },
      ],
    };
    const spec = at(job, "spec", "template", "spec");
    this.#api.store.create(kindNamed("Pod"), { apiVersion: "v1", kind: "Pod", metadata, spec });
    return name;
  }

  async #runPod(job: Properties, pod: string): Promise<ContainerEnd | undefined> {
    try {
      const end = await this.run(job);
      const reason = end.reason ?? (end.exitCode === 0 ? "Completed" : "Error");
      this.#setStatus(job, pod, end.exitCode === 0 ? "Succeeded" : "Failed", {
        terminated: { exitCode: end.exitCode, reason, message: end.message, finishedAt: now() },
      });
      return end;
    } catch (error) {
      if (!(error instanceof MissingKey)) throw error;
      const waiting = { reason: "CreateContainerConfigError", message: error.message };
      this.#setStatus(job, pod, "Pending", { waiting });
      return undefined;
    }
  }

  #setStatus(job: Properties, pod: string, phase: string, state: Properties): void {
    const { name, image } = containerOf(job);
    const containerStatuses = [{ name, image, state, ready: false, restartCount: 0 }];
    const status = { phase, startTime: now(), containerStatuses };
    this.#change(job, "Pod", pod, { status });
  }

  #finish(job: Properties, type: string, reason: string, counts: Properties, code?: number): void {
    const message = code === undefined ? reason : `Container failed with exit code ${code}`;
    const condition = { type, status: "True", reason, message, lastTransitionTime: now() };
    const status = { conditions: [condition], ...counts, completionTime: now() };
    this.#change(job, "Job", metadataOf(job).name, { status });
  }

  /** Unless it has been deleted meanwhile. */
  #change(job: Properties, kind: string, name: string, change: Properties): void {
    const { namespace } = metadataOf(job);
    const target = kindNamed(kind);
    if (this.#api.store.get(target, namespace, name))
      this.#api.store.patch(target, namespace, name, change);
  }
}

/** The pod cannot start for want of a Secret or a key of it. */
class MissingKey extends Error {}

const containerOf = (job: Properties) =>
  at(job, "spec", "template", "spec", "containers", 0) as Properties;

const now = () => new Date().toISOString().replace(/\.\d+Z$/, "Z");

/** Exit codes after which the Job is not tried again. */
function finalCodes(job: Properties): number[] {
  const rules = (at(job, "spec", "podFailurePolicy", "rules") ?? []) as readonly Properties[];
  return rules
    .filter(({ action }) => action === "FailJob")
    .flatMap(({ onExitCodes }) => (at(onExitCodes, "values") ?? []) as number[]);
}
