/** What does not fit together in the parts of the configuration that make objects in a vault and a cluster. */
import { LOCAL_SECRET, MIGRATIONS_SECRET, optionsKey } from "./names";
import { pathText } from "./problem";
import type { StackEntry } from "./schema";
import {
  type Contradiction,
  type DatabaseConfig,
  isTracked,
  type StackConfig,
  usesCluster,
} from "./stack-config";

/** How many databases the report of one Job has room for: 4,096 bytes of termination message. */
const MAX_PER_JOB = 50;
/** How long the engine waits for another migrator unless lockWait says otherwise. */
const DEFAULT_LOCK_WAIT_MS = 50_000;
/** Azure's limit for the value of a secret. */
const MAX_VAULT_VALUE = 25_000;

export function clusterContradictions(config: StackConfig, entry: StackEntry): Contradiction[] {
  if (!usesCluster(config)) return [];
  return [
    ...vaultContradictions(config, entry),
    ...storeContradictions(config),
    ...jobContradictions(config),
    ...hostContradictions(config),
    ...sharedKeys(config),
    ...sharedVaultSecrets(config),
    ...sharedServiceSecrets(config),
  ];
}

const database = (name: string, ...keys: string[]): string =>
  pathText(["databases", name, ...keys]);

function vaultContradictions(
  { secretStore, databases }: StackConfig,
  entry: StackEntry,
): Contradiction[] {
  if (secretStore.kind !== "azureKeyVault") return [];
  const problems: Contradiction[] = [];
  if (entry.namespace === undefined) {
    problems.push({
      path: pathText(["namespace"]),
      message: "is missing: the Secrets that are made from the vault need a namespace.",
      dependsOn: [],
    });
  }
  for (const { name, server } of databases) {
    if (server.password === "") {
      problems.push({
        path: pathText(["server", "password"]),
        message: `is missing, and database ${name} has none of its own: it goes into the vault. Set it: pulumi config set --secret --path tidemark:server.password`,
        dependsOn: [pathText(["server", "file"]), database(name, "server", "password")],
      });
    } else if (vaultValueSize(server) > MAX_VAULT_VALUE) {
      problems.push({
        path: database(name, "server", "password"),
        message: `is too long for the vault: user and password together may have ${MAX_VAULT_VALUE} bytes.`,
        dependsOn: [],
      });
    }
  }
  return problems;
}

const vaultValueSize = ({ user, password }: DatabaseConfig["server"]): number =>
  Buffer.byteLength(JSON.stringify({ user, password }));

/** A store with a wrong one of them is there all the same. */
const STORE_KEYS = [
  "kind",
  "name",
  "tenantId",
  "serviceAccount",
  "serviceAccount.name",
  "serviceAccount.namespace",
  "serviceAccount.clientId",
];

function storeContradictions({ secretStore, namespace }: StackConfig): Contradiction[] {
  if (secretStore.kind !== "azureKeyVault") return [];
  const { clusterSecretStore, store } = secretStore;
  const path = pathText(["secretStore", "store"]);
  const dependsOn = [
    pathText(["namespace"]),
    pathText(["secretStore", "clusterSecretStore"]),
    ...STORE_KEYS.map((key) => pathText(["secretStore", "store", ...key.split(".")])),
  ];
  if (clusterSecretStore !== undefined && store !== undefined)
    return [
      {
        path,
        message:
          "and clusterSecretStore are both there: the first is made by the stack, the second is one that exists. Remove one of the two.",
        dependsOn,
      },
    ];
  if (clusterSecretStore === undefined && store === undefined)
    return [
      {
        path,
        message:
          "is missing, and so is clusterSecretStore: the operator needs a store to read the vault. Name an existing one (clusterSecretStore), or let the stack make one (store).",
        dependsOn,
      },
    ];
  const account = store?.serviceAccount.namespace;
  if (store?.kind !== "SecretStore" || account === undefined || account === namespace) return [];
  return [
    {
      path: pathText(["secretStore", "store", "serviceAccount", "namespace"]),
      message: `is ${account}, but a SecretStore can only use a service account of its own namespace (${namespace}). Leave it out, or set store.kind: ClusterSecretStore.`,
      dependsOn,
    },
  ];
}

function jobContradictions({ databases, job }: StackConfig): Contradiction[] {
  const own = databases.filter((each) => each.runner === "job" && isTracked(each));
  const [first] = own;
  if (!first) return [];
  const problems: Contradiction[] = [];
  const deadline = pathText(["job", "deadline"]);
  if (job.image === undefined) {
    problems.push({
      path: pathText(["job", "image"]),
      message: `is missing: database ${first.name} has runner job. Name the image with the tidemark command (npm run image builds it): pulumi config set --path tidemark:job.image <name@sha256:…>`,
      dependsOn: [database(first.name, "runner"), pathText(["runner"])],
    });
  }
  if (job.mode === "sequential" && own.length > MAX_PER_JOB) {
    problems.push({
      path: pathText(["job", "mode"]),
      message: `is sequential, but ${own.length} databases have runner job, and the report of one Job has room for ${MAX_PER_JOB}. Set job.mode: perDatabase.`,
      dependsOn: [],
    });
  }
  for (const { name, options } of own) {
    if ((options.lockWait ?? DEFAULT_LOCK_WAIT_MS) < job.deadline) continue;
    problems.push({
      path: deadline,
      message: `is not longer than the wait for another migrator of database ${name} (lockWait): the Job would be killed while it waits. Raise job.deadline or lower lockWait.`,
      dependsOn: [database(name, "lockWait")],
    });
  }
  return problems;
}

/** The host stands in the templates of URLs, where a `/` or a `{{` would mean something. */
function hostContradictions({ databases }: StackConfig): Contradiction[] {
  return databases
    .filter(({ server }) => server.host !== "" && !/^[A-Za-z0-9._:-]+$/.test(server.host))
    .map(({ name }) => ({
      path: pathText(["server", "host"]),
      message: `of database ${name} must be a host name or an IP address, since it becomes a part of a database URL.`,
      dependsOn: [database(name, "server", "host")],
    }));
}

interface Claim {
  readonly value: string;
  readonly owner: string;
  readonly path: string;
  readonly dependsOn?: readonly string[];
}

/** The claims that come second, each with the one before it. */
function clashes(
  claims: readonly Claim[],
  message: (claim: Claim, other: string) => string,
): Contradiction[] {
  const seen = new Map<string, Claim>();
  return claims.flatMap((claim) => {
    const other = seen.get(claim.value);
    if (!other) {
      seen.set(claim.value, claim);
      return [];
    }
    const dependsOn = [other.path, ...(claim.dependsOn ?? [])];
    return [{ path: claim.path, message: message(claim, other.owner), dependsOn }];
  });
}

function sharedKeys({ databases }: StackConfig): Contradiction[] {
  const claims = databases.flatMap(({ name, migrationKeys, options }): Claim[] => [
    ...Object.entries(migrationKeys).map(([kind, value]: [string, string]) => ({
      value,
      owner: name,
      path: database(name, "migrationSecret", kind),
    })),
    ...(options.placeholders || options.initSql !== undefined
      ? [{ value: optionsKey(name), owner: name, path: database(name, "migrationSecret") }]
      : []),
  ]);
  return clashes(claims, ({ value, owner }, other) =>
    owner === other
      ? `is the key ${value} a second time for the same database. Give each value a key of its own.`
      : `is the key ${value}, which database ${other} has already in the Secret of the migrations. Give it another (migrationSecret.url, user, password).`,
  );
}

function sharedVaultSecrets({ secretStore, databases }: StackConfig): Contradiction[] {
  if (secretStore.kind !== "azureKeyVault") return [];
  const claims = databases.map(({ name, vaultSecret }) => ({
    value: vaultSecret.toLowerCase(), // the vault does not tell A from a
    owner: name,
    path: database(name, "vaultSecret"),
  }));
  return clashes(
    claims,
    ({ value }, other) =>
      `is the vault's secret ${value}, which database ${other} has already. Give it another name (vaultSecret).`,
  );
}

function sharedServiceSecrets({ databases }: StackConfig): Contradiction[] {
  const reserved = [MIGRATIONS_SECRET, LOCAL_SECRET].map((value) => ({
    value,
    owner: "",
    path: "",
  }));
  const claims = databases.flatMap(({ name, serviceSecret }) =>
    serviceSecret
      ? [{ value: serviceSecret.name, owner: name, path: database(name, "secret", "name") }]
      : [],
  );
  return clashes([...reserved, ...claims], ({ value }, other) =>
    other === ""
      ? `is ${value}, the Secret of the migrations. Give the service's own another name.`
      : `is ${value}, the Secret of database ${other} already. Give it another name, or secret: none.`,
  );
}
