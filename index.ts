import * as pulumi from "@pulumi/pulumi";

import { type DatabaseOutput, MigratedDatabase } from "./components/migrated-database";
import { loadStackConfig } from "./config/load";

const config = loadStackConfig();

const migrated = config.databases.map(
  (database) => [database.name, new MigratedDatabase(database)] as const,
);

/** Database → schema version; null: none. */
export const schemaVersions: pulumi.Output<Record<string, string | null>> = pulumi.all(
  Object.fromEntries(migrated.map(([name, database]) => [name, database.schemaVersion])),
);

/** Database → what others need to know of it. */
export const databases: pulumi.Output<Record<string, DatabaseOutput>> = pulumi.all(
  Object.fromEntries(migrated.map(([name, database]) => [name, database.output])),
);
