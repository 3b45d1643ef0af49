/**
 * The spec of an ExternalSecret (external-secrets.io/v1), checked here: the API server drops unknown fields of a new
 * object without a word, and a duration that it lets pass (`1hour`) stops the operator for all others, too.
 */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

import { parseGoDuration } from "../config/go-duration";

/** A store of the operator, by name. */
export interface StoreReference {
  readonly kind: "SecretStore" | "ClusterSecretStore";
  readonly name: string;
  /** The store where the stack makes it: what reads the vault by it comes after it, and goes before it. */
  readonly resource?: pulumi.Resource;
}

/** A value of a secret in the vault: one property of its JSON, under a name for templates. */
export interface VaultValue {
  readonly variable: string;
  readonly vaultSecret: string;
  readonly property: string;
}

export interface ExternalSecretArgs {
  readonly name: string;
  readonly store: StoreReference;
  readonly refreshInterval: string;
  readonly values: readonly VaultValue[];
  /** Key of the Secret → template. */
  readonly templates: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** Says which version of the spec and of the vault's values a Secret was made from. */
export const REVISION_ANNOTATION = "tidemark.dev/revision";

const key = z
  .string()
  .regex(/^[-._a-zA-Z0-9]+$/, "must be letters, digits, dots, hyphens, underscores");
const texts = z.record(z.string(), z.string());

const specSchema = z
  .strictObject({
    refreshPolicy: z.literal("Periodic"),
    refreshInterval: z.string().refine((text) => (parseGoDuration(text) ?? 0) > 0, {
      error: 'must be a duration such as "1h"',
    }),
    secretStoreRef: z.strictObject({
      kind: z.enum(["SecretStore", "ClusterSecretStore"]),
      name: z.string().min(1),
    }),
    target: z.strictObject({
      name: z.string().min(1).max(253),
      creationPolicy: z.literal("Owner"),
      deletionPolicy: z.literal("Retain"),
      template: z.strictObject({
        engineVersion: z.literal("v2"),
        mergePolicy: z.literal("Replace"),
        type: z.literal("Opaque"),
        metadata: z.strictObject({ annotations: texts, labels: texts }),
        data: z.record(key, z.string()),
      }),
    }),
    data: z
      .array(
        z.strictObject({
          secretKey: key,
          remoteRef: z.strictObject({
            key: z.string().min(1),
            property: z.string().min(1),
            conversionStrategy: z.literal("Default"),
            decodingStrategy: z.literal("None"),
            metadataPolicy: z.literal("None"),
          }),
        }),
      )
      .min(1),
  })
  .superRefine(({ data, target }, context) => {
    const known = new Set(data.map(({ secretKey }) => secretKey));
    for (const [name, template] of Object.entries(target.template.data)) {
      for (const [, variable = ""] of template.matchAll(/\{\{\s*\.(\w+)/g)) {
        if (known.has(variable)) continue;
        const path = ["target", "template", "data", name];
        context.addIssue({
          code: "custom",
          path,
          message: `uses .${variable}, which no value has`,
        });
      }
    }
  });

export type ExternalSecretSpec = z.infer<typeof specSchema>;

/**
 * - Owner: the Secret goes when the ExternalSecret goes.
 * - Retain: it stays as it is when the vault's secret goes, so that running services keep their database.
 * - Periodic: a password that was changed in the vault itself arrives too.
 * @throws RunError for a spec that the operator would not take.
 */
export function externalSecretSpec(args: ExternalSecretArgs): ExternalSecretSpec {
  const spec: ExternalSecretSpec = {
    refreshPolicy: "Periodic",
    refreshInterval: args.refreshInterval,
    secretStoreRef: { kind: args.store.kind, name: args.store.name },
    target: {
      name: args.name,
      creationPolicy: "Owner",
      deletionPolicy: "Retain",
      template: {
        engineVersion: "v2",
        mergePolicy: "Replace",
        type: "Opaque",
        metadata: { annotations: {}, labels: { ...args.labels } },
        data: { ...args.templates },
      },
    },
    data: args.values.map(({ variable, vaultSecret, property }) => ({
      secretKey: variable,
      remoteRef: {
        key: vaultSecret,
        property,
        conversionStrategy: "Default",
        decodingStrategy: "None",
        metadataPolicy: "None",
      },
    })),
  };
  return validated(spec, args.name);
}

/** The spec with the revision that its Secret will show; the rest is the same whatever is known of that. */
export function withRevision(
  spec: ExternalSecretSpec,
  revision: pulumi.Output<string>,
): pulumi.Inputs {
  const { template } = spec.target;
  const metadata = { ...template.metadata, annotations: { [REVISION_ANNOTATION]: revision } };
  return { ...spec, target: { ...spec.target, template: { ...template, metadata } } };
}

/** @throws RunError that names each wrong field. */
export function validated(spec: unknown, name: string): ExternalSecretSpec {
  const parsed = specSchema.safeParse(spec, { reportInput: false });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `  spec.${path.map(String).join(".")}: ${message}`,
  );
  throw new pulumi.RunError(
    `The ExternalSecret ${name} would not work:\n${problems.join("\n")}\nRemedy: correct the arguments of its DatabaseUrlSecret.`,
  );
}
