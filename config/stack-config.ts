import type { ConfigProblem } from "./problem";
import { pathText } from "./problem";
import type { DatabaseEntry, SecretStoreConfig, ServerConfig, StackEntry } from "./schema";

/** Where a database is, all keys known. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly sslmode: string;
  readonly sslrootcert?: string;
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
  readonly options: DatabaseOptions;
}

/** Settings of the run itself, durations in milliseconds. */
export type DatabaseOptions = Omit<
  DatabaseEntry,
  "database" | "server" | "migrations" | "createDatabase" | "runner" | "reach" | "baseline"
> & { readonly baseline?: { readonly version: string; readonly description: string } };

export interface StackConfig {
  readonly namespace: string;
  readonly secretStore: SecretStoreConfig;
  readonly databases: readonly DatabaseConfig[];
}

/** Keys that do not fit together, or one that is missing for another. */
export interface Contradiction extends ConfigProblem {
  /** Paths whose values led to it; where one of them is wrong by itself, this may not be a problem at all. */
  readonly dependsOn: readonly string[];
}

const DEFAULT_BASELINE_DESCRIPTION = "<< Flyway Baseline >>";

/** Fills in defaults and finds what the schema cannot see: missing addresses, contradictions. */
export function completeConfig(
  entry: StackEntry,
  server: ServerConfig,
): { config: StackConfig; problems: Contradiction[] } {
  const problems: Contradiction[] = [];
  const databases = Object.entries(entry.databases).map(([name, database]) => {
    const config = completeDatabase(name, database, entry, server);
    problems.push(...contradictions(config, database, entry));
    return config;
  });
  problems.push(...sharedDatabases(databases));
  return {
    config: { namespace: entry.namespace ?? "default", secretStore: entry.secretStore, databases },
    problems,
  };
}

function completeDatabase(
  name: string,
  entry: DatabaseEntry,
  stack: StackEntry,
  shared: ServerConfig,
): DatabaseConfig {
  const { database, server, migrations, createDatabase, runner, reach, baseline, ...options } =
    entry;
  const address = { ...shared, ...server };
  return {
    name,
    database: database ?? name,
    server: {
      host: address.host ?? "",
      port: address.port ?? 5432,
      user: address.user ?? "",
      password: address.password ?? "",
      sslmode: address.sslmode ?? "prefer",
      sslrootcert: address.sslrootcert,
    },
    locations: locationsOf(name, migrations),
    createDatabase: createDatabase ?? stack.createDatabase,
    runner: runner ?? stack.runner,
    reach: reach ?? stack.reach,
    options: {
      ...options,
      ...(baseline && {
        baseline: {
          version: baseline.version,
          description: baseline.description ?? DEFAULT_BASELINE_DESCRIPTION,
        },
      }),
    },
  };
}

function locationsOf(name: string, migrations: DatabaseEntry["migrations"]): readonly string[] {
  if (migrations === undefined) return [`migrations/${name}`];
  if (migrations === "none") return [];
  return typeof migrations === "string" ? [migrations] : migrations;
}

function contradictions(
  config: DatabaseConfig,
  entry: DatabaseEntry,
  stack: StackEntry,
): Contradiction[] {
  const at = (...keys: string[]): string => pathText(["databases", config.name, ...keys]);
  const problems: Contradiction[] = [];
  for (const key of ["host", "user"] as const) {
    if (config.server[key] === "") {
      problems.push({
        path: pathText(["server", key]),
        message: `is missing, and database ${config.name} has none of its own.`,
        dependsOn: [pathText(["server", "file"]), at("server", key)],
      });
    }
  }
  if (config.locations.length === 0 && entry.baseline) {
    problems.push({
      path: at("baseline"),
      message: "makes no sense with migrations: none. Remove one of the two.",
      dependsOn: [],
    });
  }
  if (config.runner === "provider" && config.reach === "none" && config.locations.length > 0) {
    problems.push({
      path: entry.reach || entry.runner ? at("reach") : pathText(["reach"]),
      message:
        "is none, so runner provider cannot get to the database. Set reach: direct or portForward, or runner: job.",
      dependsOn: [at("runner"), at("reach"), pathText(["runner"]), pathText(["reach"])],
    });
  }
  if (config.runner === "job" && stack.namespace === undefined) {
    problems.push({
      path: pathText(["namespace"]),
      message: "is missing: runner job needs the namespace of its Job.",
      dependsOn: [at("runner"), pathText(["runner"])],
    });
  }
  if (entry.defaultSchema && entry.schemas && !entry.schemas.includes(entry.defaultSchema)) {
    problems.push({
      path: at("defaultSchema"),
      message: `is not one of schemas (${entry.schemas.join(", ")}).`,
      dependsOn: [at("schemas")],
    });
  }
  return problems;
}

function sharedDatabases(databases: readonly DatabaseConfig[]): Contradiction[] {
  const seen = new Map<string, string>();
  return databases.flatMap(({ name, database, server, options }) => {
    const schema = options.defaultSchema ?? options.schemas?.[0] ?? "public";
    const table = options.table ?? "flyway_schema_history";
    const key = JSON.stringify([server.host.toLowerCase(), server.port, database, schema, table]);
    const other = seen.get(key);
    seen.set(key, name);
    if (other === undefined) return [];
    return [
      {
        path: pathText(["databases", name]),
        message: `is the same database as ${other} ("${database}" on ${server.host}:${server.port}). Give it another database name, or a history table of its own (table).`,
        dependsOn: [name, other].flatMap((each) =>
          ["server.host", "server.port", "database", "schemas", "defaultSchema", "table"].map(
            (key) => pathText(["databases", each, key]),
          ),
        ),
      },
    ];
  });
}
