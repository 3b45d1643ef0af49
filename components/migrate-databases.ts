import { type DatabaseConfig, type StackConfig, usesCluster } from "../config/stack-config";
import { MigratedDatabase, type MigratedDatabaseArgs } from "./migrated-database";
import { MigrationCluster } from "./migration-cluster";

/** All that a stack's configuration asks for: its databases by name, and what they need in vault and cluster. */
export function migrateDatabases(config: StackConfig): Map<string, MigratedDatabase> {
  const cluster = usesCluster(config) ? new MigrationCluster("cluster", config) : undefined;
  const opts = cluster ? { providers: cluster.providers, dependsOn: cluster.ready } : {};
  return new Map(
    config.databases.map((database) => [
      database.name,
      new MigratedDatabase(database.name, argsOf(database, config, cluster), opts),
    ]),
  );
}

function argsOf(
  database: DatabaseConfig,
  { kubernetes, protect, secretStore }: StackConfig,
  cluster: MigrationCluster | undefined,
): MigratedDatabaseArgs {
  return {
    ...database,
    kubernetes,
    protect,
    serviceSecret: cluster?.serviceSecretOf(database),
    ...(cluster && {
      job: database.runner === "job" ? cluster.jobOf(database.name) : undefined,
      ...(secretStore.kind === "plain" && { credentials: cluster.credentialsOf(database) }),
    }),
  };
}
