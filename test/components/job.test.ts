import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import { jobContent } from "../../components/job-content";
import { unpackBundle } from "../../engine/job/bundle";
import { withFolder } from "../support/folder";
import {
  CONFIG_MAP,
  find,
  JOB,
  ofType,
  recordedStack,
  recorder,
  type Registration,
  SCHEMA,
  SECRET,
  STAGING,
  SYNCED,
} from "./record";

interface Container {
  args: string[];
  env: { name: string; valueFrom: { secretKeyRef: { name: string; key: string } } }[];
  [key: string]: unknown;
}
interface Metadata {
  labels: Record<string, string>;
  annotations?: Record<string, string>;
}

interface PodSpec {
  containers: Container[];
  [key: string]: unknown;
}
interface JobSpec {
  template: { metadata: Metadata; spec: PodSpec };
  [key: string]: unknown;
}

const specOf = (job: Registration): JobSpec => job.inputs.spec as JobSpec;
const nameOf = ({ inputs }: Registration): string => (inputs.metadata as { name: string }).name;
const containerOf = (job: Registration): Container => {
  const [container] = specOf(job).template.spec.containers;
  assert.ok(container);
  return container;
};

describe("components: Job", () => {
  it("is hardened as the restricted pod security standard asks", async () => {
    const job = find(await recordedStack(STAGING), JOB);
    const { containers, volumes, ...pod } = specOf(job).template.spec;
    assert.deepEqual(pod, {
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65532,
        runAsGroup: 65532,
        fsGroup: 65532,
        seccompProfile: { type: "RuntimeDefault" },
      },
    });
    assert.deepEqual(containers[0]?.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    });
    assert.equal(containers[0]?.terminationMessagePolicy, "File");
    assert.deepEqual(
      (volumes as { name: string }[]).map(({ name }) => name),
      ["specification", "work"],
    );
  });

  it("tries again only where that can help, and never twice at a time", async () => {
    const { template, ...spec } = specOf(find(await recordedStack(STAGING), JOB));
    assert.ok(template);
    assert.deepEqual(spec, {
      backoffLimit: 3,
      activeDeadlineSeconds: 900,
      completions: 1,
      parallelism: 1,
      podReplacementPolicy: "Failed",
      podFailurePolicy: {
        rules: [
          {
            action: "FailJob",
            onExitCodes: { containerName: "migrate", operator: "In", values: [64, 65, 70] },
          },
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
        ],
      },
    });
  });

  it("gets credentials from the Secret only, under the names of its keys", async () => {
    const container = containerOf(find(await recordedStack(STAGING), JOB));
    assert.deepEqual(container.env, [
      {
        name: "AGENTS_DATABASE_URL",
        valueFrom: {
          secretKeyRef: { name: "db-migrations", key: "AGENTS_DATABASE_URL", optional: false },
        },
      },
    ]);
  });

  it("is not waited for by the plugin; its name and deadline go to the schema version", async () => {
    const all = await recordedStack(STAGING);
    const job = find(all, JOB);
    const { annotations } = job.inputs.metadata as { annotations: unknown };
    assert.deepEqual(annotations, {
      "pulumi.com/skipAwait": "true",
    });
    const { job: reference, jobDeadlineSeconds, runner, reach } = find(all, SCHEMA).inputs;
    assert.deepEqual(
      { reference, jobDeadlineSeconds, runner, reach },
      {
        reference: { namespace: "apps", name: nameOf(job) },
        jobDeadlineSeconds: 900,
        runner: "job",
        reach: "none",
      },
    );
  });

  it("takes resources, placement and an end of its own from the configuration", async () => {
    const job = {
      ...STAGING.job,
      ttl: "24h",
      deadline: "1h30m",
      backoffLimit: 0,
      resources: { limits: { memory: "1Gi" }, requests: { cpu: "1" } },
      imagePullSecrets: ["registry"],
      nodeSelector: { pool: "db" },
      tolerations: [{ key: "db", operator: "Exists" }],
      hostAliases: [{ ip: "10.0.0.1", hostnames: ["pg"] }],
    };
    const made = find(await recordedStack({ ...STAGING, job }), JOB);
    const { spec } = specOf(made).template;
    assert.equal(specOf(made).ttlSecondsAfterFinished, 86_400);
    assert.equal(specOf(made).activeDeadlineSeconds, 5400);
    assert.equal(specOf(made).backoffLimit, 0);
    assert.deepEqual(spec.imagePullSecrets, [{ name: "registry" }]);
    assert.deepEqual(spec.nodeSelector, { pool: "db" });
    assert.deepEqual(spec.tolerations, [{ key: "db", operator: "Exists" }]);
    assert.deepEqual(spec.hostAliases, [{ ip: "10.0.0.1", hostnames: ["pg"] }]);
    assert.deepEqual(containerOf(made).resources, {
      requests: { cpu: "1", memory: "128Mi" },
      limits: { memory: "1Gi" },
    });
  });

  it("has the labels, annotations and rank that a cluster's own rules ask for, beside our own", async () => {
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } };
    const job = {
      ...STAGING.job,
      labels: { "sidecar.istio.io/inject": "false", team: "platform" },
      annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" },
      serviceAccountName: "migrator",
      priorityClassName: "high",
      affinity,
    };
    const made = find(await recordedStack({ ...STAGING, job }), JOB);
    const { metadata, spec } = specOf(made).template;
    for (const { labels } of [metadata, made.inputs.metadata as Metadata]) {
      assert.equal(labels["sidecar.istio.io/inject"], "false");
      assert.equal(labels.team, "platform");
      assert.equal(labels["app.kubernetes.io/managed-by"], "tidemark");
    }
    assert.deepEqual(metadata.annotations, job.annotations);
    const { serviceAccountName, priorityClassName } = spec;
    assert.deepEqual(
      { serviceAccountName, priorityClassName },
      { serviceAccountName: "migrator", priorityClassName: "high" },
    );
    assert.deepEqual(spec.affinity, affinity);
    assert.equal(spec.automountServiceAccountToken, false);
  });

  it("may speak to DNS and PostgreSQL only, where a NetworkPolicy is asked for", async () => {
    const job = { ...STAGING.job, networkPolicy: true };
    const policy = find(
      await recordedStack({ ...STAGING, job }),
      "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    );
    const { egress, policyTypes } = policy.inputs.spec as Record<string, unknown>;
    assert.deepEqual(policyTypes, ["Ingress", "Egress"]);
    assert.deepEqual(egress, [
      {
        ports: [
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 53 },
        ],
      },
      { ports: [{ protocol: "TCP", port: 5432 }] },
    ]);
  });
});

describe("components: a Job's name", () => {
  const named = async (more: object = {}, version = "1000"): Promise<string> => {
    const answer = (type: string): object => (type === SYNCED ? { version } : {});
    return nameOf(find(await recordedStack({ ...STAGING, ...more }, vaultToo(answer)), JOB));
  };
  const vaultToo =
    (answer: (type: string) => object) =>
    (type: string): object =>
      type.startsWith("azure-native")
        ? { properties: { secretUriWithVersion: "v" } }
        : answer(type);

  it("is the same for the same, and another for each thing that matters", async () => {
    const first = await named();
    assert.match(first, /^db-migrations-[0-9a-f]{10}$/);
    assert.equal(await named(), first);
    const others = [
      await named({}, "1001"),
      await named({ job: { ...STAGING.job, attempt: "2" } }),
      await named({ job: { image: STAGING.job.image.replace("aa", "bb") } }),
      await named({ databases: { agents: { target: "3" }, analytics: { migrations: "none" } } }),
      await named({ databases: { agents: { initSql: "SET a.b = 1" } } }),
      await named({ databases: { agents: { initSql: "SET a.b = 2" } } }),
      await named({ databases: { platform: {} } }),
    ];
    assert.equal(new Set([first, ...others]).size, others.length + 1);
  });

  it("is unknown in a preview that does not know the Secret's version, and the rest is not", async () => {
    const { UNKNOWN } = await recorder();
    const answer = (type: string): object => (type === SYNCED ? { version: UNKNOWN } : {});
    const job = find(await recordedStack(STAGING, vaultToo(answer), true), JOB);
    assert.equal(nameOf(job), UNKNOWN);
    assert.equal(specOf(job).activeDeadlineSeconds, 900);
  });
});

describe("components: what a Job is given", () => {
  it("job.json, without a secret, and the migrations as they are", async () => {
    const map = find(await recordedStack(STAGING), CONFIG_MAP);
    const data = map.inputs.data as Record<string, string>;
    assert.deepEqual(JSON.parse(data["job.json"] ?? ""), {
      formatVersion: 1,
      databases: [
        {
          name: "agents",
          environment: { url: "AGENTS_DATABASE_URL" },
          sslmode: "prefer",
          createDatabase: false,
          locations: ["migrations/agents"],
          options: {},
        },
      ],
    });
    const bundle = (map.inputs.binaryData as Record<string, string>)["migrations.bundle"] ?? "";
    assert.deepEqual(
      [...unpackBundle(Buffer.from(bundle, "base64")).keys()],
      ["migrations/agents/V3__create_agents_schema.sql"],
    );
  });

  it("of migrations in the image no bundle, and no argument for one", async () => {
    const job = { ...STAGING.job, migrations: "image" };
    const all = await recordedStack({ ...STAGING, job });
    assert.equal(find(all, CONFIG_MAP).inputs.binaryData, undefined);
    assert.ok(!containerOf(find(all, JOB)).args.includes("--bundle"));
  });

  it("placeholders and initSql in a Secret of their own", async () => {
    const options = { placeholders: { owner: "app" }, initSql: "SET x.y = 'z'" };
    const all = await recordedStack({ ...STAGING, databases: { agents: options } });
    const { isSecret } = await recorder();
    const secret = find(all, SECRET, "db-migrations-options");
    assert.equal(nameOf(secret), `${nameOf(find(all, JOB))}-options`);
    assert.ok(isSecret(secret.inputs.stringData));
    assert.deepEqual(secret.inputs.stringData.value, {
      AGENTS_OPTIONS: JSON.stringify(options),
    });
    const [, variable] = containerOf(find(all, JOB)).env;
    assert.deepEqual(variable?.valueFrom.secretKeyRef.name, nameOf(secret));
    const { "job.json": spec = "" } = find(all, CONFIG_MAP).inputs.data as Record<string, string>;
    assert.ok(spec.includes('"secretOptions": "AGENTS_OPTIONS"') && !spec.includes("x.y"));
  });

  const database = (locations: string[], sslrootcert?: string) => ({
    name: "d",
    locations,
    createDatabase: false,
    migrationKeys: { url: "D_DATABASE_URL" },
    options: {},
    server: { sslmode: "require", sslrootcert },
  });
  it("a folder that is not there, or a certificate, is named", () => {
    assert.throws(
      () => jobContent([database(["migrations/nowhere"])], "configMap"),
      /Database d: the migrations folder migrations\/nowhere does not exist.*Remedy/,
    );
    assert.throws(
      () => jobContent([database([], "certs/none.crt")], "configMap"),
      /Database d: the certificate certs\/none\.crt cannot be read.*Remedy/,
    );
  });

  it("files of wildcards and sub-folders come, hidden ones do not", async () => {
    const files = { "a/x/V1__a.sql": "1", "b/x/V2__b.sql": "2", "b/.V3__c.sql.swp": "3" };
    await withFolder(files, async (folder) => {
      const { migrations } = jobContent([database([`${folder}/*/x`])], "image");
      assert.deepEqual(migrations, {});
      const { readMigrationFiles } = await import("../../components/migration-files.js");
      const found = [...readMigrationFiles([`${folder}/*/x`], "d").keys()];
      assert.deepEqual(
        found.map((path) => path.slice(folder.length + 1)),
        ["a/x/V1__a.sql", "b/x/V2__b.sql"],
      );
    });
  });

  it("too much for a ConfigMap is refused with the way out", async () => {
    const { mkdtempSync, rmSync, writeFileSync } = await import("node:fs");
    const folder = mkdtempSync("bin/too-large-");
    try {
      const noise = `-- ${randomBytes(1_200_000).toString("base64")}\n`;
      writeFileSync(`${folder}/V1__large.sql`, noise);
      assert.throws(
        () => jobContent([database([folder])], "configMap"),
        /too large for a ConfigMap: \d+ bytes compressed, where 1032192 have room\. Remedy: .*job\.migrations: image/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("a Job for each database has a ConfigMap for each", async () => {
    const job = { ...STAGING.job, mode: "perDatabase" };
    const all = await recordedStack({ ...STAGING, job, databases: { agents: {}, platform: {} } });
    assert.equal(ofType(all, CONFIG_MAP).length, 2);
    assert.equal(new Set(ofType(all, CONFIG_MAP).map(nameOf)).size, 2);
  });
});
