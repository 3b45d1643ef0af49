/** What does not fit together within one database's configuration, or between two of them on their server. */
import { pathText } from "./problem";
import type { DatabaseEntry, StackEntry } from "./schema";
import type { Contradiction, DatabaseConfig } from "./stack-config";

export function databaseContradictions(
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
  if (config.reach === "portForward" && config.forward === undefined) {
    problems.push({
      path: pathText(["portForward"]),
      message: `is missing: reach portForward cannot tell from the host of database ${config.name} ("${config.server.host}") where to go, since it is not <service>.<namespace>.svc…. Set portForward.service, pod or selector.`,
      dependsOn: [pathText(["server"]), at("server", "host"), at("reach"), pathText(["reach"])],
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

/** Names that have to be those of databases, and of others. */
export function unknownNames({ databases, recreate }: StackEntry): Contradiction[] {
  const known = new Set(Object.keys(databases));
  const unknown = recreate.flatMap((name, i) =>
    known.has(name)
      ? []
      : [{ path: pathText(["recreate", i]), message: `"${name}" is no database of this stack.` }],
  );
  const kept = Object.entries(databases).flatMap(([name, { renamedFrom }]) =>
    renamedFrom !== undefined && known.has(renamedFrom)
      ? [
          {
            path: pathText(["databases", name, "renamedFrom"]),
            message: `"${renamedFrom}" is still a database of this stack. Remove one of the two.`,
          },
        ]
      : [],
  );
  return [...unknown, ...kept].map((problem) => ({ ...problem, dependsOn: [] }));
}

export function sharedDatabases(databases: readonly DatabaseConfig[]): Contradiction[] {
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
            (key) => pathText(["databases", each, ...key.split(".")]),
          ),
        ),
      },
    ];
  });
}
