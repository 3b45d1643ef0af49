import { z } from "zod";

import {
  flag,
  KUBERNETES_NAME,
  kubernetesName,
  kubernetesSubdomain,
  port,
  secretKey,
  text,
} from "./fields";
import { jobSchema, kubernetesSchema, portForwardSchema } from "./job-schema";
import { secretStoreSchema, vaultSecretName } from "./secret-store-schema";

const VERSION = /^\d+([._]\d+)*$/;
const DURATION = /^(\d+)(ms|s|m)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

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

const runner = z.enum(["provider", "job"], { error: "must be provider or job" });
const reach = z.enum(["direct", "portForward", "none"], {
  error: "must be direct, portForward or none",
});

/** Read by the service, so any key that Kubernetes allows. */
const serviceKey = text.regex(
  /^[-._a-zA-Z0-9]{1,253}$/,
  "must be letters, digits, dots, hyphens and underscores",
);

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
  createDatabase: flag.optional(),
  runner: runner.optional(),
  reach: reach.optional(),
  target: version.optional(),
  outOfOrder: flag.optional(),
  schemas: z.array(text).min(1, "must name at least one schema").optional(),
  defaultSchema: text.optional(),
  table: text.max(63, "must have at most 63 characters").optional(),
  createSchemas: flag.optional(),
  ignoreMigrationPatterns: z.array(text).optional(),
  group: flag.optional(),
  mixed: flag.optional(),
  encoding: text.optional(),
  placeholders: z.record(z.string(), z.string("must be a text")).optional(),
  placeholderReplacement: flag.optional(),
  installedBy: text.max(100, "must have at most 100 characters").optional(),
  initSql: text.optional(),
  lockTimeout: duration.optional(),
  statementTimeout: duration.optional(),
  lockWait: duration.optional(),
  /** Whether migrations may destroy data, or which scripts by name; default: the stack's. */
  allowDestructive: z
    .union([flag, z.array(text)], { error: "must be true, false or a list of names of scripts" })
    .optional(),
  /** The service's own Secret; default `<name>-db-secret`, DATABASE_URL. */
  secret: z
    .union(
      [
        z.literal("none"),
        z.strictObject({ name: kubernetesSubdomain.optional(), key: serviceKey.optional() }),
      ],
      { error: 'must be a map with name and key, or "none"' },
    )
    .optional(),
  /** Its keys in the Secret of the migrations. */
  migrationSecret: z
    .strictObject({
      url: secretKey.optional(),
      user: secretKey.optional(),
      password: secretKey.optional(),
    })
    .refine(({ user, password }) => (user === undefined) === (password === undefined), {
      error: "must have both user and password, or neither",
    })
    .optional(),
  /** Its secret in the vault; default `db-migrations-<name>-database-url`. */
  vaultSecret: vaultSecretName.optional(),
});

/** `Pulumi.<stack>.yaml`, namespace `tidemark` (contract: docs/configuration.md). */
export const stackSchema = z.strictObject({
  namespace: kubernetesName.optional(),
  server: serverSchema.default({}),
  secretStore: secretStoreSchema,
  runner: runner.default("provider"),
  reach: reach.default("direct"),
  createDatabase: flag.default(false),
  kubernetes: kubernetesSchema.optional(),
  job: jobSchema.prefault({}),
  portForward: portForwardSchema.optional(),
  /** Pulumi's protection of what holds state or secrets. */
  protect: flag.default(false),
  allowDestructive: flag.default(true),
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
export type DatabaseEntry = z.infer<typeof databaseSchema>;
export type StackEntry = z.infer<typeof stackSchema>;
