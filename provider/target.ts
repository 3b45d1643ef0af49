import {
  type Connection,
  type EngineOptions,
  type EventSink,
  Migrator,
  readSslMode,
  Secrets,
  secretsOfOptions,
  shownNames,
  stackOptions,
  TidemarkError,
} from "../engine/index";
import { PodTunnel } from "./kubernetes/tunnel";
import type { DesiredInputs } from "./types";

/** Longer than for a connection of its own: the API server finds the pod first. */
const TUNNEL_TIMEOUT_MS = 20_000;

/** Whether the provider may ask the database at all. */
export function isReachable({ reach }: Pick<DesiredInputs, "reach">): boolean {
  return reach !== "none";
}

/** The connection that the inputs describe. */
export function connectionOf(inputs: DesiredInputs): Connection {
  const { host, port, database, user, password, sslmode, sslrootcert } = inputs;
  return {
    ...{ host, port, database, user, password, sslmode: readSslMode(sslmode), sslrootcert },
    ...(inputs.reach === "portForward" && throughTunnel(inputs)),
  };
}

function throughTunnel({ name, kubernetes = {}, forward }: DesiredInputs): Partial<Connection> {
  if (!forward)
    throw new TidemarkError({
      code: "CONFIGURATION",
      class: "usage",
      message: `${name} has reach portForward, and nothing says where to.`,
      remedy:
        "Set tidemark:portForward (service, pod or selector), or a server.host of the form SERVICE.NAMESPACE.svc.",
    });
  return {
    stream: () => new PodTunnel(kubernetes, forward),
    connectTimeout: TUNNEL_TIMEOUT_MS,
  };
}

/** The texts that may be secret. */
export function secretTextsOf({ password, options, kubernetes }: DesiredInputs): string[] {
  return [password, ...secretsOfOptions(options), kubernetes?.kubeconfig ?? ""];
}

/** What no message on this database may show. */
export function secretsOf(inputs: DesiredInputs): Secrets {
  const { name, options } = inputs;
  return new Secrets({
    values: secretTextsOf(inputs),
    names: [name, ...shownNames(inputs, options)],
  });
}

/** The engine's options for a database of a stack. */
export function optionsOf({ options, locations }: DesiredInputs): EngineOptions {
  return stackOptions(options, locations);
}

interface MigratorHooks {
  readonly emit?: EventSink;
  readonly beforeMigration?: () => void;
}

export function migratorOf(inputs: DesiredInputs, hooks: MigratorHooks = {}): Migrator {
  return new Migrator({
    connection: connectionOf(inputs),
    options: optionsOf(inputs),
    applicationName: "tidemark (pulumi)",
    ...hooks,
  });
}
