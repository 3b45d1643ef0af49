import type { StackOptions } from "../engine/options/options";
import type { JobConfig, KubernetesConfig } from "./job-schema";
import type { ConfigProblem } from "./problem";
import type { SecretStoreConfig } from "./secret-store-schema";

/** Where a database is, all keys known. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly sslmode: string;
  readonly sslrootcert?: string;
}

/** What a tunnel through the API server leads to. */
export interface ForwardTarget {
  readonly namespace: string;
  readonly service?: string;
  readonly pod?: string;
  readonly selector?: string;
  readonly port: number;
}

/** Keys of one database in the Secret of the migrations. */
export interface MigrationKeys {
  readonly url: string;
  /** With both, the URL is a JDBC URL without credentials. */
  readonly user?: string;
  readonly password?: string;
}

/** One database of the stack, with every default filled in. */
export interface DatabaseConfig {
  readonly name: string;
  readonly database: string;
  readonly server: ServerAddress;
  /** Folders relative to the project; empty: no migrations. */
  readonly locations: readonly string[];
  readonly createDatabase: boolean;
  readonly runner: "provider" | "job";
  readonly reach: "direct" | "portForward" | "none";
  /** What a preview and an update do where the database is not as the stack recorded it; default: warn. */
  readonly driftMode?: "warn" | "fail" | "accept";
  /** With driftMode fail: the digest of the drift that an update may accept. */
  readonly acceptedDrift?: string;
  /** Make it anew where the stack knows it and the server has it no more. */
  readonly recreate?: true;
  /** Its name in the configuration before. */
  readonly renamedFrom?: string;
  /** With reach portForward. */
  readonly forward?: ForwardTarget;
  /** The service's own Secret; absent: it has none. */
  readonly serviceSecret?: { readonly name: string; readonly key: string };
  readonly migrationKeys: MigrationKeys;
  readonly vaultSecret: string;
  /** Settings of the run itself. */
  readonly options: StackOptions;
}

export interface StackConfig {
  readonly namespace: string;
  readonly kubernetes: KubernetesConfig;
  readonly secretStore: SecretStoreConfig;
  readonly job: JobConfig;
  /** Pulumi's protection of what holds state or secrets. */
  readonly protect: boolean;
  readonly databases: readonly DatabaseConfig[];
}

/** Whether the stack makes objects in Kubernetes; if not, it needs neither a cluster nor an SDK for one. */
export function usesCluster({ secretStore, databases }: StackConfig): boolean {
  if (secretStore.kind === "azureKeyVault" || secretStore.secret === true) return true;
  return databases.some(({ runner }) => runner === "job");
}

/** A database without migrations has no version to track, but one that the stack creates is the stack's to look after. */
export function isTracked({
  locations,
  createDatabase,
}: Pick<DatabaseConfig, "locations" | "createDatabase">): boolean {
  return locations.length > 0 || createDatabase;
}

/** Keys that do not fit together, or one that is missing for another. */
export interface Contradiction extends ConfigProblem {
  /** Paths whose values led to it; where one of them is wrong by itself, this may not be a problem at all. */
  readonly dependsOn: readonly string[];
}
