import { clusterContradictions } from "./cluster-contradictions";
import { databaseContradictions, sharedDatabases, unknownNames } from "./contradictions";
import type { PortForwardConfig } from "./job-schema";
import {
  DEFAULT_SERVICE_KEY,
  defaultServiceSecret,
  defaultUrlKey,
  defaultVaultSecret,
} from "./names";
import {
  type DatabaseEntry,
  DEFAULT_PORT,
  DEFAULT_SSLMODE,
  type ServerConfig,
  type StackEntry,
} from "./schema";
import type { Contradiction, DatabaseConfig, ForwardTarget, StackConfig } from "./stack-config";

/** Fills in defaults and finds what the schema cannot see: missing addresses, contradictions. */
export function completeConfig(
  entry: StackEntry,
  server: ServerConfig,
): { config: StackConfig; problems: Contradiction[] } {
  const problems: Contradiction[] = [];
  const databases = Object.entries(entry.databases).map(([name, database]) => {
    const config = completeDatabase(name, database, entry, server);
    problems.push(...databaseContradictions(config, database, entry));
    return config;
  });
  problems.push(...sharedDatabases(databases), ...unknownNames(entry));
  const config: StackConfig = {
    namespace: entry.namespace ?? "default",
    kubernetes: entry.kubernetes ?? {},
    secretStore: entry.secretStore,
    job: entry.job,
    protect: entry.protect,
    databases,
  };
  problems.push(...clusterContradictions(config, entry));
  return { config, problems };
}

function completeDatabase(
  name: string,
  entry: DatabaseEntry,
  stack: StackEntry,
  shared: ServerConfig,
): DatabaseConfig {
  const { database, server, migrations, createDatabase, runner, reach, ...others } = entry;
  const { secret, migrationSecret, vaultSecret, drift, acceptedDrift, renamedFrom, ...asked } =
    others;
  const { allowDestructive = stack.allowDestructive, baseline, ...options } = asked;
  const address = { ...shared, ...server };
  const host = address.host ?? "";
  const port = address.port ?? DEFAULT_PORT;
  const way = reach ?? stack.reach;
  const explicit = host === shared.host ? stack.portForward : undefined;
  const forward =
    way === "portForward" ? forwardOf(host, port, stack.namespace, explicit) : undefined;
  return {
    name,
    database: database ?? name,
    server: {
      host,
      port,
      user: address.user ?? "",
      password: address.password ?? "",
      sslmode: address.sslmode ?? DEFAULT_SSLMODE,
      sslrootcert: address.sslrootcert,
    },
    locations: locationsOf(name, migrations),
    createDatabase: createDatabase ?? stack.createDatabase,
    runner: runner ?? stack.runner,
    reach: way,
    ...driftModeOf(drift ?? stack.drift),
    ...(acceptedDrift !== undefined && { acceptedDrift }),
    ...(stack.recreate.includes(name) && { recreate: true }),
    ...(renamedFrom !== undefined && { renamedFrom }),
    ...(forward && { forward }),
    ...(secret !== "none" && {
      serviceSecret: {
        name: secret?.name ?? defaultServiceSecret(name),
        key: secret?.key ?? DEFAULT_SERVICE_KEY,
      },
    }),
    migrationKeys: { ...migrationSecret, url: migrationSecret?.url ?? defaultUrlKey(name) },
    vaultSecret: vaultSecret ?? defaultVaultSecret(name),
    // In this order: the text of job.json, and so the Job's name, follow from it.
    options: {
      ...options,
      ...(allowDestructive !== true && { allowDestructive }),
      ...(baseline && { baseline }),
    },
  };
}

/** Left out where it is the default, so that a state of before stays as it is. */
const driftModeOf = (mode: StackEntry["drift"]): Pick<DatabaseConfig, "driftMode"> =>
  mode === "warn" ? {} : { driftMode: mode };

function locationsOf(name: string, migrations: DatabaseEntry["migrations"]): readonly string[] {
  if (migrations === undefined) return [`migrations/${name}`];
  if (migrations === "none") return [];
  return typeof migrations === "string" ? [migrations] : migrations;
}

/** `<service>.<namespace>.svc`, with or without the cluster's domain. */
const SERVICE_HOST =
  /^([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)\.([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)\.svc(?:\.|$)/;

/** What the tunnel leads to: what is configured for the stack's server, else the Service that the host names. */
function forwardOf(
  host: string,
  port: number,
  namespace: string | undefined,
  explicit: PortForwardConfig | undefined,
): ForwardTarget | undefined {
  const [, service, itsNamespace] = SERVICE_HOST.exec(host) ?? [];
  const { port: remotePort = port, namespace: own, ...target } = explicit ?? {};
  if (Object.keys(target).length > 0)
    return { namespace: own ?? namespace ?? "default", ...target, port: remotePort };
  if (service === undefined || itsNamespace === undefined) return undefined;
  return { namespace: own ?? itsNamespace, service, port: remotePort };
}
