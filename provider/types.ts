import type { StackOptions } from "../engine/index";
import type { KubernetesAccess } from "./kubernetes-access";

/** Where a tunnel through the API server ends: one of service, pod and selector. */
export interface ForwardTarget {
  readonly namespace: string;
  /** A Service; the tunnel goes to a ready pod behind it. */
  readonly service?: string;
  readonly pod?: string;
  /** Labels such as `app=postgres`; the tunnel goes to a ready pod that has them. */
  readonly selector?: string;
  /** The Service's port, or, with pod or selector, the pod's. */
  readonly port: number;
}

/** A Job of the cluster. */
export interface JobReference {
  readonly namespace: string;
  /** Unknown in a preview that makes a new one. */
  readonly name: string;
}

/** Engine options that a stack can set for a database; plain JSON, kept in state. */
export type MigrationOptions = StackOptions;

/** What the program says of one database. */
export interface DesiredInputs {
  /** For messages on the resource's own row; `urn` itself is a name that Pulumi keeps for itself. */
  readonly resourceUrn: string;
  /** The database's name in the configuration. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Secret. */
  readonly password: string;
  readonly sslmode: string;
  readonly sslrootcert?: string;
  readonly createDatabase: boolean;
  /** Folders, relative to the project; empty: the database has no migrations. */
  readonly locations: readonly string[];
  readonly options: MigrationOptions;
  /** What a preview and an update do about drift; default: warn, and accept it with the update. */
  readonly driftMode?: "warn" | "fail" | "accept";
  /** With driftMode fail: the digest of the drift that an update may accept. */
  readonly acceptedDrift?: string;
  /** Make the database anew where the state knows it and the server has it no more. */
  readonly recreate?: boolean;
  /** Who migrates: the provider itself (default), or a Job of the cluster whose result is recorded. */
  readonly runner?: "provider" | "job";
  /** How the provider gets to the database; none: it is never asked. Default: direct. */
  readonly reach?: "direct" | "portForward" | "none";
  /** With runner job. */
  readonly job?: JobReference;
  /** The Job's own activeDeadlineSeconds; the provider waits a little longer than that. */
  readonly jobDeadlineSeconds?: number;
  /** How long a pod may be stuck (image, missing Secret) before the wait is given up; default 60. */
  readonly jobStuckSeconds?: number;
  readonly kubernetes?: KubernetesAccess;
  /** With reach portForward. */
  readonly forward?: ForwardTarget;
}

/** What `check` adds, so that a preview shows it. */
export interface CheckedInputs extends DesiredInputs {
  /** Sortable script name → checksum. */
  readonly migrations?: Readonly<Record<string, number>>;
  /** What the next update would do to the schema; absent: nothing. */
  readonly pending?: string;
  /** Of a preview: why an update would fail. Never in the state. */
  readonly fault?: string;
  /** Set by a refresh that found a difference; never desired, so the next preview shows it going away. */
  readonly drift?: string;
}

/** What the state records besides the inputs. */
export interface Recorded {
  readonly schemaVersion: string | null;
  /** The script of a row that has failed and stands in the history; absent in states of earlier versions. */
  readonly failed?: string | null;
  readonly fingerprint: string | null;
  /** Number of migrations that the history has as applied. */
  readonly applied: number;
  /** Installed rank → version, script, checksum. */
  readonly history: Readonly<Record<string, string>>;
  /** Object → short hash of its definition, as of the last update. */
  readonly catalog: Readonly<Record<string, string>>;
  /** The definitions behind it, packed (catalog-text.ts); absent in states of before. */
  readonly catalogText?: string;
  /** In which format both are (engine/core/catalog/format.ts); absent in states of before: 1, the schema alone. */
  readonly catalogFormat?: number;
  /** What the last refresh found to differ from that; empty after an update. */
  readonly driftFound: readonly string[];
  /** Set where all this is from a Job's report, which has neither history nor catalog: the database was not asked. */
  readonly fromReport?: boolean;
  /** The Job that has migrated last, `namespace/name`, with runner job. */
  readonly completedJob?: string;
}

export type Outputs = CheckedInputs & Recorded;
