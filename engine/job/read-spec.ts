import { z } from "zod";

import { TidemarkError } from "../core/errors";
import { jobOptionsSchema } from "../options/schemas";
import type { JobSpec } from "./spec";

const text = z.string("must be a text").min(1, "must be a text");
const object = <S extends z.ZodRawShape>(shape: S) => z.strictObject(shape, "must be an object");
const list = <T extends z.ZodType>(item: T, of: string) =>
  z.array(item, `must be a list${of}`).readonly();

const databaseSchema = object({
  /** Its name in the stack's configuration. */
  name: text,
  /** Names of the environment variables that hold the URL and, where the URL has no credentials, user and password. */
  environment: object({
    url: text,
    user: text.optional(),
    password: text.optional(),
    /** JSON with the options that may hold a secret: placeholders, initSql. */
    secretOptions: text.optional(),
  }),
  sslmode: text,
  /** File beside job.json. */
  sslrootcert: text.optional(),
  createDatabase: z.boolean("must be true or false"),
  /** Folders, relative to that of the bundle (ConfigMap) or to the image's working directory; empty: none. */
  locations: list(z.string("must be a text"), " of texts"),
  options: jobOptionsSchema,
});

/** The databases are migrated in their order. */
export const jobSpecSchema = object({
  formatVersion: z.literal(1, "must be 1"),
  databases: list(databaseSchema, ""),
});

/**
 * Reads job.json. A key that this version does not know is refused: a setting of a newer program would be lost in
 * silence.
 * @throws TidemarkError (CONFIGURATION) that names every place.
 */
export function readSpec(json: string): JobSpec {
  const parsed = jobSpecSchema.safeParse(parse(json), { reportInput: true });
  if (!parsed.success) throw badSpec(parsed.error.issues.flatMap(describe).join("; "));
  const names = parsed.data.databases.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw badSpec(`the database "${twice}" is there twice`);
  return parsed.data;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw badSpec(error instanceof Error ? error.message : String(error));
  }
}

function describe(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => `${place([...issue.path, key])} is unknown to this version`);
  const isMissing = "input" in issue && issue.input === undefined;
  return [`${place(issue.path)} ${isMissing ? "is missing" : issue.message}`];
}

/** `databases[0].options.lockWait`; the document itself is "it". */
function place(path: readonly PropertyKey[]): string {
  const parts = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`));
  return parts.join("").replace(/^\./, "") || "it";
}

function badSpec(what: string): TidemarkError {
  return new TidemarkError({
    code: "CONFIGURATION",
    class: "usage",
    message: `The Job's job.json cannot be used: ${what}.`,
    remedy:
      "The stack writes it: use the image of the same version of Tidemark as the program, and run pulumi up again.",
  });
}
