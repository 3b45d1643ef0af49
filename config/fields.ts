/** Kinds of text that several parts of the configuration have in common, each with a message that shows what is right. */
import { z } from "zod";

import { string } from "../engine/options/fields";
import type { KeyMeta } from "../engine/options/schemas";
import { parseGoDuration } from "./go-duration";

export { flag, text } from "../engine/options/fields";

/**
 * What documentation and JSON Schema say of a key, and what holds without it where the schema's own default does not
 * say so.
 */
export const key = (description: string, unset?: string): KeyMeta & Record<string, unknown> => ({
  description,
  ...(unset !== undefined && { unset }),
});

/** A label of DNS: what Kubernetes allows for namespaces and most names. */
export const KUBERNETES_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Labels with dots between them: names of Secrets, service accounts and custom resources. */
const KUBERNETES_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const GUID = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
const MINUTE_MS = 60_000;

export const port = z
  .int("must be a whole number")
  .min(1, "must be 1 to 65535")
  .max(65535, "must be 1 to 65535");

export const kubernetesName = string().regex(KUBERNETES_NAME, "must be a Kubernetes name");

export const kubernetesSubdomain = string()
  .regex(
    KUBERNETES_SUBDOMAIN,
    "must be a Kubernetes name: lower-case letters, digits, hyphens and dots",
  )
  .max(253, "must have at most 253 characters");

export const guid = string().regex(
  GUID,
  "must be an id such as 00000000-0000-0000-0000-000000000000",
);

/**
 * A key of a Secret that is also the name of an environment variable in the Job's container, so neither dots nor
 * hyphens, which Kubernetes would allow.
 */
export const secretKey = string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]{0,252}$/,
    "must be letters, digits and underscores, and not begin with a digit: it is the name of an environment variable",
  )
  .refine((key) => !/^(PATH|HOME|HOSTNAME|TZ|(NODE|LD|KUBERNETES|SSL)_.*)$/.test(key), {
    error: "is a variable that the container's own programs read. Choose another name.",
  });

/** A duration as Go writes it, in milliseconds; within the bounds. */
export function goDuration(min: number, max: number, hint: string) {
  return z
    .string({ error: `must be a duration in quotes, such as ${hint}` })
    .refine((value) => parseGoDuration(value) !== undefined, {
      error: `must be a duration such as "30s", ${hint} or "1h30m": a number and one of h, m, s, ms for each part`,
      abort: true,
    })
    .transform((value) => parseGoDuration(value) ?? 0)
    .refine((ms) => ms >= min && ms <= max, {
      error: `must be ${shown(min)} to ${shown(max)}`,
    });
}

function shown(ms: number): string {
  if (ms < MINUTE_MS) return `${ms / 1000}s`;
  return ms < 60 * MINUTE_MS ? `${ms / MINUTE_MS}m` : `${ms / (60 * MINUTE_MS)}h`;
}
