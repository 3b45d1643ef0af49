/** `tidemark:secretStore`: where credentials come from, and how they get into the cluster. */
import { z } from "zod";

import { flag, goDuration, guid, key, kubernetesName, kubernetesSubdomain, text } from "./fields";
import { parseGoDuration } from "./go-duration";

/** Rules of Key Vault names (docs: about-keys-secrets-certificates). */
const VAULT_NAME = /^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/;
const VAULT_SECRET_NAME = /^[a-zA-Z0-9-]{1,127}$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const SECOND_MS = 1000;
const YEAR_MS = 365 * 24 * 3_600_000;

export const vaultSecretName = z
  .string({ error: ({ input }) => (input === undefined ? "is missing." : "must be a text") })
  .regex(
    VAULT_SECRET_NAME,
    "must be a name of a Key Vault secret: 1 to 127 letters, digits and hyphens",
  );

/** Kept as it is written, since it goes to the operator so. */
const refreshInterval = z
  .string({ error: 'must be a duration in quotes, such as "1h"' })
  .refine((value) => parseGoDuration(value) !== undefined, {
    error:
      'must be a duration such as "30m", "1h" or "1h30m": a number and one of h, m, s for each part. The operator stops at any other',
    abort: true,
  })
  .refine((value) => goDuration(SECOND_MS, YEAR_MS, '"1h"').safeParse(value).success, {
    error: 'must be at least "1s": with 0 the operator would never look at the vault again',
  });

const expires = z
  .string({ error: 'must be a date in quotes, such as "2027-06-30"' })
  .refine((value) => DATE.test(value) && isDate(value), {
    error: 'must be a date such as "2027-06-30"',
  });

function isDate(value: string): boolean {
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}

const storeSchema = z.strictObject({
  kind: z
    .enum(["SecretStore", "ClusterSecretStore"], {
      error: "must be SecretStore or ClusterSecretStore",
    })
    .default("SecretStore"),
  name: kubernetesSubdomain,
  tenantId: guid,
  serviceAccount: z.strictObject({
    name: kubernetesSubdomain,
    namespace: kubernetesName.optional(),
    /** With it the stack makes the service account; without it the account is there already. */
    clientId: guid.optional(),
  }),
});

const plainSchema = z.strictObject({
  kind: z.literal("plain"),
  /** Makes the Kubernetes Secrets even where no Job needs them. */
  secret: flag.optional(),
});

export const vaultSchema = z.strictObject({
  kind: z.literal("azureKeyVault"),
  vaultName: z
    .string("is missing: the name of the vault")
    .regex(
      VAULT_NAME,
      "must be a Key Vault name: 3 to 24 letters, digits and single hyphens, beginning with a letter",
    )
    .meta(key("3 to 24 letters, digits and hyphens", "required")),
  resourceGroup: text
    .max(90, "must have at most 90 characters")
    .meta(key("the vault's", "required")),
  clusterSecretStore: kubernetesSubdomain
    .optional()
    .meta(key("an existing ClusterSecretStore that reads the vault; or:", "none")),
  store: storeSchema
    .optional()
    .meta(
      key(
        "one that the stack makes: `{ kind, name, tenantId, serviceAccount: { name, namespace, clientId } }`, kind `SecretStore` or `ClusterSecretStore`; with `clientId` the service account is made, too",
        "none",
      ),
    ),
  refreshInterval: refreshInterval
    .default("1h")
    .meta(
      key(
        'how often the operator looks at the vault by itself, as Go writes durations: `"30m"`, `"1h30m"`',
      ),
    ),
  expires: expires
    .optional()
    .meta(
      key(
        '`"2027-06-30"`: expiry date of the vault\'s secrets; the vault tells of it and stops nobody',
        "none",
      ),
    ),
});

export const secretStoreSchema = z.discriminatedUnion("kind", [plainSchema, vaultSchema], {
  error: 'must have kind "azureKeyVault" or "plain"',
});

export type SecretStoreConfig = z.infer<typeof secretStoreSchema>;
