import * as pulumi from "@pulumi/pulumi";

import { migrateDatabases } from "./components/migrate-databases";
import type { DatabaseOutput } from "./components/migrated-database";
import { loadStackConfig } from "./config/load";

const migrated = [...migrateDatabases(loadStackConfig())];

/** Database → schema version; null: none. */
export const schemaVersions: pulumi.Output<Record<string, string | null>> = pulumi.all(
  Object.fromEntries(migrated.map(([name, database]) => [name, database.schemaVersion])),
);

/** Database → what others need to know of it. */
export const databases: pulumi.Output<Record<string, DatabaseOutput>> = pulumi.all(
  Object.fromEntries(migrated.map(([name, database]) => [name, database.output])),
);
