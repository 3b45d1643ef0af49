import * as pulumi from "@pulumi/pulumi";

import { LOCAL_SECRET, MIGRATIONS_SECRET } from "../config/names";
import type { SecretStoreConfig } from "../config/secret-store-schema";
import { type DatabaseConfig, isTracked, type StackConfig } from "../config/stack-config";
import { ClusterReady } from "../provider/cluster-ready";
import { AzureSecretStore } from "./azure-secret-store";
import type { Credentials } from "./database-url";
import { credentialVariables } from "./database-url";
import { DatabaseUrlSecret, type VersionedVaultValue } from "./database-url-secret";
import type { StoreReference } from "./external-secret-spec";
import { KeyVaultSecret } from "./key-vault-secret";
import { readLocalCredentials } from "./local-credentials";
import type { ServiceSecretArgs } from "./migrated-database";
import { MigrationJob } from "./migration-job";
import { PlainSecret } from "./plain-secret";
import { kubernetesProvider } from "./sdk";
import { migrationTemplates, migrationValues, serviceTemplate, serviceValue } from "./secret-keys";

type VaultConfig = Extract<SecretStoreConfig, { kind: "azureKeyVault" }>;

/** What databases of a stack have in common in vault and cluster: made in this order, each step when the one before is done. */
export class MigrationCluster extends pulumi.ComponentResource {
  /** For what else is made in the cluster. */
  readonly providers: Record<string, pulumi.ProviderResource>;
  /** Without a vault: the credentials of databases that have none of their own. */
  readonly credentials: pulumi.Output<Credentials | undefined>;
  readonly #config: StackConfig;
  readonly #ready: ClusterReady;
  readonly #store: StoreReference | undefined;
  readonly #vaultSecrets = new Map<string, KeyVaultSecret>();
  readonly #jobs = new Map<string, MigrationJob>();

  constructor(name: string, config: StackConfig, opts: pulumi.ComponentResourceOptions = {}) {
    const { namespace, kubernetes, secretStore } = config;
    const providers = explicitProvider(config);
    // Not a child: it knows its own URN, which Pulumi takes to depend on the parent with all its children, and those
    // are to wait for it.
    const ready = new ClusterReady(
      name,
      { kubernetes, namespace, operator: secretStore.kind === "azureKeyVault" },
      { parent: opts.parent, dependsOn: opts.dependsOn },
    );
    super("tidemark:index:MigrationCluster", name, {}, { ...opts, providers });
    this.providers = providers;
    this.#config = config;
    this.#ready = ready;
    this.credentials = pulumi.secret(
      secretStore.kind === "plain"
        ? readLocalCredentials(kubernetes, namespace)
        : Promise.resolve(undefined),
    );
    let migrations: DatabaseUrlSecret | PlainSecret;
    if (secretStore.kind === "azureKeyVault") {
      this.#store = this.#makeStore(secretStore);
      this.#makeVaultSecrets(secretStore);
      migrations = this.#urlSecretOfVault(secretStore, this.#store);
    } else {
      migrations = this.#plainUrlSecret();
    }
    this.#makeJobs(migrations);
    this.registerOutputs({});
  }

  /** What has to be there before a database's own objects: they fail less obscurely then. */
  get ready(): pulumi.Resource {
    return this.#ready;
  }

  jobOf(database: string): MigrationJob | undefined {
    return this.#jobs.get(database);
  }

  /** The database's own credentials: those of the configuration, or of the cluster's Secret where it has one. */
  credentialsOf({ server }: DatabaseConfig): pulumi.Output<Credentials> {
    const own = { user: server.user, password: server.password };
    return this.credentials.apply((found) => found ?? own);
  }

  /** How the database's service gets its URL. */
  serviceSecretOf(database: DatabaseConfig): ServiceSecretArgs | undefined {
    const { namespace, kubernetes, secretStore, protect } = this.#config;
    const own = database.serviceSecret;
    if (!own) return undefined;
    const common = { namespace, kubernetes, secretName: own.name, key: own.key };
    if (secretStore.kind === "azureKeyVault" && this.#store) {
      return {
        ...common,
        kind: "external",
        store: this.#store,
        refreshInterval: secretStore.refreshInterval,
        values: this.#valuesOf(database),
        templates: { [own.key]: serviceTemplate(database) },
        protect,
      };
    }
    const values = this.credentialsOf(database).apply((credentials) => ({
      [own.key]: serviceValue(database, credentials),
    }));
    return { ...common, kind: "plain", keys: [own.key], values };
  }

  #makeStore({ store, clusterSecretStore, vaultName }: VaultConfig): StoreReference {
    if (!store) return { kind: "ClusterSecretStore", name: clusterSecretStore ?? "" };
    const { namespace } = this.#config;
    const made = new AzureSecretStore(
      store.name,
      { ...store, vaultName, namespace },
      { parent: this, dependsOn: this.#ready },
    );
    return made.reference;
  }

  /** One after the other: the vault answers writes at the same time with a conflict. */
  #makeVaultSecrets({ resourceGroup, vaultName, expires }: VaultConfig): void {
    let previous: pulumi.Resource = this.#ready;
    for (const { name, vaultSecret, server } of this.#config.databases) {
      const secret = new KeyVaultSecret(
        vaultSecret,
        {
          resourceGroup,
          vaultName,
          secretName: vaultSecret,
          credentials: pulumi.secret({ user: server.user, password: server.password }),
          expires,
          database: name,
          protect: this.#config.protect,
        },
        { parent: this, dependsOn: previous },
      );
      this.#vaultSecrets.set(name, secret);
      previous = secret;
    }
  }

  #valuesOf({ name, vaultSecret }: DatabaseConfig): VersionedVaultValue[] {
    const variables = credentialVariables(name);
    const version = this.#vaultSecrets.get(name)?.version ?? "";
    return [
      { variable: variables.user, property: "user", vaultSecret, version },
      { variable: variables.password, property: "password", vaultSecret, version },
    ];
  }

  #urlSecretOfVault({ refreshInterval }: VaultConfig, store: StoreReference): DatabaseUrlSecret {
    const { databases, namespace, kubernetes, protect } = this.#config;
    return new DatabaseUrlSecret(
      MIGRATIONS_SECRET,
      {
        namespace,
        secretName: MIGRATIONS_SECRET,
        store,
        refreshInterval,
        values: databases.flatMap((database) => this.#valuesOf(database)),
        templates: Object.assign({}, ...databases.map(migrationTemplates)) as Record<
          string,
          string
        >,
        kubernetes,
        protect,
      },
      { parent: this, dependsOn: [...this.#vaultSecrets.values()] },
    );
  }

  #plainUrlSecret(): PlainSecret {
    const { databases, namespace, kubernetes } = this.#config;
    const values = pulumi
      .all(databases.map((database) => this.credentialsOf(database)))
      .apply(
        (all) =>
          Object.assign(
            {},
            ...databases.map((database, index) => migrationValues(database, all[index] ?? NOBODY)),
          ) as Record<string, string>,
      );
    return new PlainSecret(
      LOCAL_SECRET,
      {
        namespace,
        secretName: LOCAL_SECRET,
        keys: databases.flatMap(({ migrationKeys }) => Object.values(migrationKeys) as string[]),
        values,
        kubernetes,
      },
      { parent: this, dependsOn: this.#ready },
    );
  }

  #makeJobs(secret: DatabaseUrlSecret | PlainSecret): void {
    const { databases, job, namespace } = this.#config;
    const own = databases.filter((each) => each.runner === "job" && isTracked(each));
    const { image } = job;
    if (own.length === 0 || image === undefined) return;
    const make = (name: string, some: readonly DatabaseConfig[], database?: string): void => {
      const args = {
        namespace,
        job: { ...job, image },
        databases: some,
        secretName: secret.secretName,
        secretVersion: secret.version,
        database,
      };
      const made = new MigrationJob(name, args, { parent: this, dependsOn: secret });
      for (const each of some) this.#jobs.set(each.name, made);
    };
    if (job.mode === "sequential") make(MIGRATIONS_SECRET, own);
    else for (const each of own) make(`${MIGRATIONS_SECRET}-${each.name}`, [each], each.name);
  }
}

const NOBODY: Credentials = { user: "", password: "" };

/** None where Pulumi's own default provider goes to the same cluster: that one has the user's other settings, too. */
function explicitProvider({ kubernetes }: StackConfig): Record<string, pulumi.ProviderResource> {
  const { kubeconfig, context } = kubernetes;
  const ambient = new pulumi.Config("kubernetes");
  if (ambient.get("kubeconfig") === kubeconfig && ambient.get("context") === context) return {};
  const Provider = kubernetesProvider();
  const args = {
    ...(kubeconfig !== undefined && { kubeconfig: pulumi.secret(kubeconfig) }),
    context,
  };
  return { kubernetes: new Provider("kubernetes", args) };
}
