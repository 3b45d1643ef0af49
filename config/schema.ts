import { z } from "zod";

import { type KeyMeta, STACK_SHAPE } from "../engine/options/schemas";
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

const driftMode = z.enum(["warn", "fail", "accept"], {
  error: "must be warn, fail or accept",
});

/** Read by the service, so any key that Kubernetes allows. */
const serviceKey = text.regex(
  /^[-._a-zA-Z0-9]{1,253}$/,
  "must be letters, digits, dots, hyphens and underscores",
);

/** What documentation and JSON Schema say of a key, and what holds without it. */
const key = (description: string, unset: string): KeyMeta & Record<string, unknown> => ({
  description,
  unset,
});

/** One database: its keys in the order in which the documentation has them. */
export const databaseSchema = z.strictObject({
  database: text
    .max(63, "must have at most 63 characters")
    .optional()
    .meta(key("its name on the server", "the name")),
  server: serverSchema
    .omit({ file: true })
    .optional()
    .meta(key("its own address; each key stands for itself", "the stack's")),
  migrations: z
    .union([z.literal("none"), folder, z.array(folder).min(1, "must name at least one folder")], {
      error: 'must be a folder, a list of folders, or "none"',
    })
    .optional()
    .meta(key("a folder, a list of folders, or `none` (URL only)", "`migrations/<name>`")),
  createDatabase: flag.optional().meta(key("create it where it does not exist", "the stack's")),
  runner: runner.optional().meta(key("who runs the migrations", "the stack's")),
  reach: reach.optional().meta(key("how the provider gets to it", "the stack's")),
  drift: driftMode
    .optional()
    .meta(key("what drift does: `warn`, `fail` or `accept`", "the stack's")),
  renamedFrom: text
    .optional()
    .meta(key("its name in this configuration before, so that its state is kept", "none")),
  acceptedDrift: text
    .regex(/^drift-[0-9a-f]{12}$/, "must be a digest as the refusal prints it: drift-1234567890ab")
    .optional()
    .meta(key("with `drift: fail`: the digest of the drift that an update may accept", "none")),
  ...STACK_SHAPE,
  secret: z
    .union(
      [
        z.literal("none"),
        z.strictObject({ name: kubernetesSubdomain.optional(), key: serviceKey.optional() }),
      ],
      { error: 'must be a map with name and key, or "none"' },
    )
    .optional()
    .meta(
      key(
        "the service's own Secret: `{ name, key }`, key `DATABASE_URL`; or `none`",
        "`<name>-db-secret`",
      ),
    ),
  migrationSecret: z
    .strictObject({
      url: secretKey.optional(),
      user: secretKey.optional(),
      password: secretKey.optional(),
    })
    .refine(({ user, password }) => (user === undefined) === (password === undefined), {
      error: "must have both user and password, or neither",
    })
    .optional()
    .meta(
      key(
        "keys in the Secret of the migrations: `{ url }`, or `{ url, user, password }` for a JDBC URL without credentials",
        "`<NAME>_DATABASE_URL`",
      ),
    ),
  vaultSecret: vaultSecretName
    .optional()
    .meta(key("the vault's secret", "`db-migrations-<name>-database-url`")),
});

export type DatabaseEntry = z.infer<typeof databaseSchema>;

/** `Pulumi.<stack>.yaml`, namespace `tidemark` (contract: docs/configuration.md). */
export const stackSchema = z.strictObject({
  namespace: kubernetesName.optional(),
  server: serverSchema.default({}),
  secretStore: secretStoreSchema,
  runner: runner.default("provider"),
  reach: reach.default("direct"),
  drift: driftMode.default("warn"),
  createDatabase: flag.default(false),
  /** Databases that the stack knows and the server has no more: to be made anew. */
  recreate: z.array(text).default([]),
  kubernetes: kubernetesSchema.optional(),
  job: jobSchema.prefault({}),
  portForward: portForwardSchema.optional(),
  /** Pulumi's protection of what holds state or secrets. */
  protect: flag.default(false),
  allowDestructive: flag.default(true),
  databases: z
    .record(
      z.string().regex(KUBERNETES_NAME, "must be a name of lower-case letters, digits and hyphens"),
      databaseSchema.nullable().transform((entry): DatabaseEntry => entry ?? {}),
      { error: "must be a map of database names" },
    )
    .refine((databases) => Object.keys(databases).length > 0, {
      error: "must name at least one database",
    }),
});

export type ServerConfig = z.infer<typeof serverSchema>;
export type StackEntry = z.infer<typeof stackSchema>;
