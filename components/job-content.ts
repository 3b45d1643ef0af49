/** What a migration Job is given: its specification, the bundle of migrations, certificates. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import * as pulumi from "@pulumi/pulumi";

import { optionsKey } from "../config/names";
import type { DatabaseConfig } from "../config/stack-config";
import { packBundle } from "../engine/job/bundle";
import type { JobDatabase, JobSpec } from "../engine/job/spec";
import { readMigrationFiles } from "./migration-files";

/** One database as a Job needs it; no credentials. */
export type MigratingDatabase = Pick<
  DatabaseConfig,
  "name" | "locations" | "createDatabase" | "migrationKeys" | "options"
> & { readonly server: Pick<DatabaseConfig["server"], "sslmode" | "sslrootcert"> };

export interface JobContent {
  /** Files of the ConfigMap as text. */
  readonly data: Readonly<Record<string, string>>;
  /** Files of the ConfigMap in base64. */
  readonly binaryData?: Readonly<Record<string, string>>;
  /** Path → hash of each migration, for the Job's name: the bundle's own bytes depend on the version of Node. */
  readonly migrations: Readonly<Record<string, string>>;
  /** Key → JSON, of the options that may hold a secret. */
  readonly secretOptions: Readonly<Record<string, string>>;
}

export const SPEC_FILE = "job.json";
export const BUNDLE_FILE = "migrations.bundle";

/** etcd's limit for an object, less what the object's own metadata takes. */
const MAX_CONFIG_MAP = 1_048_576 - 16 * 1024;

/** @throws RunError for a folder or a certificate that is not there, and for migrations that no ConfigMap can hold. */
export function jobContent(
  databases: readonly MigratingDatabase[],
  migrations: "configMap" | "image",
): JobContent {
  const spec: JobSpec = { formatVersion: 1, databases: databases.map(jobDatabase) };
  const data = { [SPEC_FILE]: `${JSON.stringify(spec, null, 2)}\n`, ...certificates(databases) };
  const secretOptions = Object.fromEntries(databases.flatMap(secretOptionsOf));
  if (migrations === "image") return { data, migrations: {}, secretOptions };
  const files = new Map(
    databases.flatMap(({ name, locations }) => [...readMigrationFiles(locations, name)]),
  );
  const bundle = packBundle(files);
  guardSize(bundle, data);
  return {
    data,
    binaryData: { [BUNDLE_FILE]: bundle.toString("base64") },
    migrations: Object.fromEntries([...files].map(([path, bytes]) => [path, hashOf(bytes)])),
    secretOptions,
  };
}

function jobDatabase(config: MigratingDatabase): JobDatabase {
  const { name, server, createDatabase, locations, migrationKeys: keys } = config;
  const { placeholders, initSql, ...options } = config.options;
  const isSecret = placeholders !== undefined || initSql !== undefined;
  return {
    name,
    environment: {
      url: keys.url,
      ...(keys.user !== undefined && { user: keys.user }),
      ...(keys.password !== undefined && { password: keys.password }),
      ...(isSecret && { secretOptions: optionsKey(name) }),
    },
    sslmode: server.sslmode,
    ...(server.sslrootcert !== undefined && { sslrootcert: certificateFile(name) }),
    createDatabase,
    locations,
    options,
  };
}

function secretOptionsOf({
  name,
  options: { placeholders, initSql },
}: MigratingDatabase): [string, string][] {
  if (placeholders === undefined && initSql === undefined) return [];
  return [[optionsKey(name), JSON.stringify({ placeholders, initSql })]];
}

const certificateFile = (database: string): string => `ca-${database}.crt`;

function certificates(databases: readonly MigratingDatabase[]): Record<string, string> {
  return Object.fromEntries(
    databases.flatMap(({ name, server: { sslrootcert: file } }) =>
      file === undefined ? [] : [[certificateFile(name), readCertificate(file, name)]],
    ),
  );
}

function readCertificate(file: string, database: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new pulumi.RunError(
      `Database ${database}: the certificate ${file} cannot be read. Remedy: correct server.sslrootcert; it is relative to the project.`,
    );
  }
}

function guardSize(bundle: Buffer, data: Readonly<Record<string, string>>): void {
  const size = Object.values(data).reduce(
    (sum, text) => sum + Buffer.byteLength(text),
    bundle.length,
  );
  if (size <= MAX_CONFIG_MAP) return;
  throw new pulumi.RunError(
    `The migrations are too large for a ConfigMap: ${size} bytes compressed, where ${MAX_CONFIG_MAP} have room. ` +
      "Remedy: put them into the Job's image (a Dockerfile with FROM the tidemark image and COPY migrations) and set job.migrations: image; or job.mode: perDatabase, which gives each database a ConfigMap of its own.",
  );
}

const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
