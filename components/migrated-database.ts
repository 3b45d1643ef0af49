import * as pulumi from "@pulumi/pulumi";

import type { DatabaseConfig } from "../config/stack-config";
import { SchemaVersion } from "../provider/schema-version";

/** Where an application finds the database's URL in Kubernetes. */
export interface SecretReference {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** What the stack tells others of one database (contract: stack outputs). */
export interface DatabaseOutput {
  readonly schemaVersion: string | null;
  readonly fingerprint: string | null;
  readonly applied: number;
  readonly secret: SecretReference | null;
}

/** One database of the stack: its schema version as a resource. */
export class MigratedDatabase extends pulumi.ComponentResource {
  readonly schemaVersion: pulumi.Output<string | null>;
  readonly output: pulumi.Output<DatabaseOutput>;

  constructor(config: DatabaseConfig, opts: pulumi.ComponentResourceOptions = {}) {
    super("tidemark:index:MigratedDatabase", config.name, {}, opts);
    refuseUnbuilt(config);
    const schema = isTracked(config) ? makeSchemaVersion(config, this) : undefined;
    this.schemaVersion =
      schema?.schemaVersion.apply((version) => version ?? null) ?? pulumi.output(null);
    this.output = pulumi.output({
      schemaVersion: this.schemaVersion,
      fingerprint: schema?.fingerprint ?? null,
      applied: schema?.applied ?? 0,
      secret: null,
    });
    this.registerOutputs({ output: this.output });
  }
}

/** A database without migrations has no version to track, but one that the stack creates is the stack's to look after. */
function isTracked({ locations, createDatabase }: DatabaseConfig): boolean {
  return locations.length > 0 || createDatabase;
}

/** The configuration is accepted already; what it makes is not there yet, and must not be passed over in silence. */
function refuseUnbuilt({ name, runner, reach }: DatabaseConfig): void {
  const missing =
    runner === "job" ? "runner: job" : reach === "portForward" ? "reach: portForward" : undefined;
  if (missing === undefined) return;
  throw new pulumi.RunError(
    `Database ${name}: ${missing} is not available in this version. Use runner: provider with reach: direct.`,
  );
}

function makeSchemaVersion(config: DatabaseConfig, parent: pulumi.Resource): SchemaVersion {
  const { name, database, server, createDatabase, locations, options } = config;
  return new SchemaVersion(
    name,
    { name, database, ...server, createDatabase, locations, options },
    { parent },
  );
}
