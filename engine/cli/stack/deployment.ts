/** What a stack's state says of its databases. */
import type { Outputs } from "../../../provider/types";
import { nearest } from "../near";
import { configurationError } from "../read-setting";

const TYPE = "pulumi-nodejs:tidemark:SchemaVersion";

/** One database of a stack, as its last update has left it. */
export interface StackDatabase {
  /** The name in the configuration. */
  readonly name: string;
  readonly recorded: Outputs;
  /** When the stack has last written it; ISO 8601. */
  readonly modified?: string;
}

interface Resource {
  readonly type?: string;
  readonly delete?: boolean;
  readonly inputs?: Record<string, unknown>;
  readonly outputs?: Record<string, unknown>;
  readonly modified?: string;
}

/**
 * The databases of an exported stack by name, secrets in the clear.
 * @param exported what `pulumi stack export --show-secrets` gives
 * @throws TidemarkError (CONFIGURATION) where the state holds none.
 */
export function databasesOf(exported: unknown, stack: string): StackDatabase[] {
  const { deployment } = exported as { deployment?: { resources?: readonly Resource[] } };
  const databases = (deployment?.resources ?? [])
    .filter((resource) => resource.type === TYPE && resource.delete !== true)
    .map(({ inputs, outputs, modified }): StackDatabase => {
      const recorded = withoutEnvelopes({ ...inputs, ...outputs }) as Outputs;
      return { name: recorded.name, recorded, modified };
    })
    .filter(({ name }) => typeof name === "string")
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (databases.length > 0) return databases;
  throw configurationError(
    `Stack ${stack} has no database in its state: it has never been up.`,
    `Run npm run up -- --stack ${stack} (or pulumi up) first, or give --url in place of --stack.`,
  );
}

/**
 * @param name undefined: the only one
 * @throws TidemarkError (CONFIGURATION) that names those that there are.
 */
export function pickDatabase(
  databases: readonly StackDatabase[],
  name: string | undefined,
  stack: string,
): StackDatabase {
  const names = databases.map((database) => database.name);
  const [only] = databases;
  if (name === undefined) {
    if (only && databases.length === 1) return only;
    throw configurationError(
      `Stack ${stack} has ${names.length} databases: ${names.join(", ")}.`,
      "Name one: --database <name>.",
    );
  }
  const found = databases.find((database) => database.name === name);
  if (found) return found;
  const meant = nearest(name, names);
  throw configurationError(
    `Stack ${stack} has no database ${name}.${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
    `Its state has: ${names.join(", ")}. One that is only in the configuration comes with the next up.`,
  );
}

/** Pulumi's mark of a secret in a state, and what holds its JSON. */
const MARK = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

function withoutEnvelopes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEnvelopes);
  if (typeof value !== "object" || value === null) return value;
  const { [MARK]: mark, plaintext, ...rest } = value as Record<string, unknown>;
  if (mark === SECRET)
    return typeof plaintext === "string" ? withoutEnvelopes(JSON.parse(plaintext)) : undefined;
  const whole = mark === undefined ? (value as Record<string, unknown>) : rest;
  return Object.fromEntries(
    Object.entries(whole).map(([key, inner]) => [key, withoutEnvelopes(inner)]),
  );
}
