/** Kinds of text in a stack's configuration, each with a message that shows what is right. */
import { z } from "zod";

const DURATION = /^(\d+)(ms|s|m)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** A text that must be there, with the words for one that is not. */
export const string = () =>
  z.string({ error: ({ input }) => (input === undefined ? "is missing." : "must be a text") });

export const text = string().min(1, "must not be empty");

export const flag = z.boolean("must be true or false");

export const version = z
  .string({ error: 'must be a text in quotes, such as "3" (a number would lose a trailing zero)' })
  .regex(/^\d+([._]\d+)*$/, 'must be a version such as "3" or "3.1"');

/** In milliseconds. */
export const duration = z
  .string({ error: 'must be a duration in quotes, such as "5s"' })
  .regex(DURATION, 'must be a duration such as "500ms", "5s" or "2m"')
  .transform((written) => {
    const [, amount = "0", unit = "ms"] = DURATION.exec(written) ?? [];
    return Number(amount) * (UNIT_MS[unit] ?? 1);
  });
