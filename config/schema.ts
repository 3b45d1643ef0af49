import { z } from "zod";

/** Largest port, length of a Kubernetes label, rules of Key Vault names (docs: about-keys-secrets-certificates). */
const KUBERNETES_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const VAULT_NAME = /^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/;
const VERSION = /^\d+([._]\d+)*$/;
const DURATION = /^(\d+)(ms|s|m)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

const port = z
  .int("must be a whole number")
  .min(1, "must be 1 to 65535")
  .max(65535, "must be 1 to 65535");

const version = z
  .string({ error: 'must be a text in quotes, such as "3" (a number would lose a trailing zero)' })
  .regex(VERSION, 'must be a version such as "3" or "3.1"');

const duration = z
  .string({ error: 'must be a duration in quotes, such as "5s"' })
  .regex(DURATION, 'must be a duration such as "500ms", "5s" or "2m"')
  .transform((text) => {
    const [, amount = "0", unit = "ms"] = DURATION.exec(text) ?? [];
    return Number(amount) * (UNIT_MS[unit] ?? 1);
  });

const text = z
  .string({ error: ({ input }) => (input === undefined ? "is missing." : "must be a text") })
  .min(1, "must not be empty");

const folder = text.refine((path) => !path.startsWith("/") && !path.split("/").includes(".."), {
  error: "must be a folder inside the project, relative to it",
});

export const serverSchema = z.strictObject({
  host: text.optional(),
  port: port.optional(),
  user: text.optional(),
  password: z.string("must be a text").optional(),
  sslmode: z
    .enum(["disable", "allow", "prefer", "require", "verify-ca", "verify-full"], {
      error: "must be one of disable, allow, prefer, require, verify-ca, verify-full",
    })
    .optional(),
  sslrootcert: text.optional(),
  /** A JSON file with host, port, user and password: what `npm run up` writes for the embedded server. */
  file: text.optional(),
});

export const secretStoreSchema = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("plain") }),
    z.strictObject({
      kind: z.literal("azureKeyVault"),
      vaultName: z
        .string("is missing: the name of the vault")
        .regex(
          VAULT_NAME,
          "must be a Key Vault name: 3 to 24 letters, digits and single hyphens, beginning with a letter",
        ),
      resourceGroup: text,
      clusterSecretStore: z
        .string("is missing: the ClusterSecretStore that reads the vault")
        .regex(KUBERNETES_NAME, "must be a Kubernetes name")
        .optional(),
    }),
  ],
  { error: 'must have kind "azureKeyVault" or "plain"' },
);

const runner = z.enum(["provider", "job"], { error: "must be provider or job" });
const reach = z.enum(["direct", "portForward", "none"], {
  error: "must be direct, portForward or none",
});

const databaseSchema = z.strictObject({
  /** The database's name on the server; default: the key. */
  database: text.max(63, "must have at most 63 characters").optional(),
  server: serverSchema.omit({ file: true }).optional(),
  migrations: z
    .union([z.literal("none"), folder, z.array(folder).min(1, "must name at least one folder")], {
      error: 'must be a folder, a list of folders, or "none"',
    })
    .optional(),
  baseline: z
    .strictObject({
      version,
      description: text.max(200, "must have at most 200 characters").optional(),
    })
    .optional(),
  createDatabase: z.boolean("must be true or false").optional(),
  runner: runner.optional(),
  reach: reach.optional(),
  target: version.optional(),
  outOfOrder: z.boolean("must be true or false").optional(),
  schemas: z.array(text).min(1, "must name at least one schema").optional(),
  defaultSchema: text.optional(),
  table: text.max(63, "must have at most 63 characters").optional(),
  createSchemas: z.boolean("must be true or false").optional(),
  ignoreMigrationPatterns: z.array(text).optional(),
  group: z.boolean("must be true or false").optional(),
  mixed: z.boolean("must be true or false").optional(),
  encoding: text.optional(),
  placeholders: z.record(z.string(), z.string("must be a text")).optional(),
  placeholderReplacement: z.boolean("must be true or false").optional(),
  installedBy: text.max(100, "must have at most 100 characters").optional(),
  initSql: text.optional(),
  lockTimeout: duration.optional(),
  statementTimeout: duration.optional(),
  lockWait: duration.optional(),
});

/** `Pulumi.<stack>.yaml`, namespace `tidemark` (contract: docs/configuration.md). */
export const stackSchema = z.strictObject({
  namespace: z
    .string("must be a text")
    .regex(KUBERNETES_NAME, "must be a Kubernetes name")
    .optional(),
  server: serverSchema.default({}),
  secretStore: secretStoreSchema,
  runner: runner.default("provider"),
  reach: reach.default("direct"),
  createDatabase: z.boolean("must be true or false").default(false),
  databases: z
    .record(
      z.string().regex(KUBERNETES_NAME, "must be a name of lower-case letters, digits and hyphens"),
      z.preprocess((value) => value ?? {}, databaseSchema),
      { error: "must be a map of database names" },
    )
    .refine((databases) => Object.keys(databases).length > 0, {
      error: "must name at least one database",
    }),
});

export type ServerConfig = z.infer<typeof serverSchema>;
export type SecretStoreConfig = z.infer<typeof secretStoreSchema>;
export type DatabaseEntry = z.infer<typeof databaseSchema>;
export type StackEntry = z.infer<typeof stackSchema>;
