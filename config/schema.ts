import { z } from "zod";

import { STACK_SHAPE } from "../engine/options/schemas";
import {
  flag,
  key,
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

export const DEFAULT_PORT = 5432;
export const DEFAULT_SSLMODE = "prefer";

/** A server's address; what is required may stand in the stack's or in the database's own, so no key is here. */
export const serverSchema = z.strictObject({
  host: text.optional().meta(key("its name or address", "required")),
  port: port.optional().meta(key("its port", `\`${DEFAULT_PORT}\``)),
  user: text.optional().meta(key("who runs the migrations", "required")),
  password: z
    .string("must be a text")
    .optional()
    .meta(
      key(
        "`pulumi config set --secret --path tidemark:server.password`; required with a vault",
        "none",
      ),
    ),
  sslmode: z
    .enum(["disable", "allow", "prefer", "require", "verify-ca", "verify-full"], {
      error: "must be one of disable, allow, prefer, require, verify-ca, verify-full",
    })
    .optional()
    .meta(
      key(
        "`disable`, `allow`, `prefer`, `require`, `verify-ca`, `verify-full`",
        `\`${DEFAULT_SSLMODE}\``,
      ),
    ),
  sslrootcert: text
    .optional()
    .meta(key("file with the certificate authority, relative to the project", "none")),
  file: text
    .optional()
    .meta(
      key(
        "JSON file with host, port, user and password: what `npm run up` writes; only in `tidemark:server`",
        "none",
      ),
    ),
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
  databases: z
    .record(
      z.string().regex(KUBERNETES_NAME, "must be a name of lower-case letters, digits and hyphens"),
      databaseSchema.nullable().transform((entry): DatabaseEntry => entry ?? {}),
      { error: "must be a map of database names" },
    )
    .refine((databases) => Object.keys(databases).length > 0, {
      error: "must name at least one database",
    })
    .meta(key("name → database (below)", "required")),
  server: serverSchema
    .default({})
    .meta(key("shared address; each key can be overridden in a database's own `server`")),
  secretStore: secretStoreSchema.meta(key("where credentials come from (below)", "required")),
  runner: runner
    .default("provider")
    .meta(
      key("who runs the migrations: `provider` (this machine) or `job` (a Job in the cluster)"),
    ),
  reach: reach
    .default("direct")
    .meta(
      key(
        "how the provider gets to a database: `direct`, `portForward` (through the cluster), `none`",
      ),
    ),
  drift: driftMode
    .default("warn")
    .meta(
      key(
        "a database that is not as recorded: `warn`, `fail` (refuse until undone or accepted), `accept`",
      ),
    ),
  createDatabase: flag.default(false).meta(key("create databases that do not exist")),
  recreate: z
    .array(text)
    .default([])
    .meta(
      key(
        "names of databases that were dropped behind the stack's back, to be made anew and empty",
      ),
    ),
  namespace: kubernetesName
    .optional()
    .meta(
      key("Kubernetes namespace; needed for runner `job` and for a vault. It has to exist", "none"),
    ),
  kubernetes: kubernetesSchema
    .optional()
    .meta(
      key(
        "`{ kubeconfig, context }`; else those of `kubernetes:`, else what `kubectl` would take",
        "ambient",
      ),
    ),
  job: jobSchema.prefault({}).meta(key("the Job (below)")),
  portForward: portForwardSchema
    .optional()
    .meta(
      key(
        "`{ namespace, service or pod or selector, port }`; default: read from `<svc>.<ns>.svc…`",
        "the host's",
      ),
    ),
  protect: flag
    .default(false)
    .meta(key("Pulumi's protection of vault secrets, ExternalSecrets and schema versions")),
  allowDestructive: flag
    .default(true)
    .meta(
      key("whether migrations may destroy data; `false`: each database that may says so itself"),
    ),
});

export type ServerConfig = z.infer<typeof serverSchema>;
export type StackEntry = z.infer<typeof stackSchema>;
