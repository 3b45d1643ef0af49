/** The table of options as zod schemas: a database's keys in a stack, and what its Job is given. */
import { z } from "zod";

import { duration, flag, text, version } from "./fields";
import {
  DEFAULT_OPTIONS,
  type JobOptions,
  type SecretOptions,
  STACK_DEFAULTS,
  type StackOptions,
} from "./options";
import type { Kind, Row, Source } from "./row";
import { ENGINE_OPTIONS, OTHER_OPTIONS } from "./table";
import { written } from "./written";

type Schemas = Readonly<Record<Kind, (row: Row) => z.ZodType>>;
type Shape<T> = { [K in keyof T]-?: z.ZodOptional<z.ZodType<NonNullable<T[K]>>> };

const ROWS: Readonly<Record<string, Row>> = { ...OTHER_OPTIONS, ...ENGINE_OPTIONS };

/** What documentation and JSON Schema say of a key. */
export interface KeyMeta {
  readonly description?: string;
  /** What holds where the key is absent, in words or as it would be written. */
  readonly unset?: string;
}

const none: () => z.ZodType = () => z.never();

const list = ({ atLeastOne }: Row): z.ZodType => {
  const texts = z.array(text, "must be a list of texts");
  return atLeastOne === undefined ? texts : texts.min(1, `must name at least one ${atLeastOne}`);
};

/** As a person writes them in YAML. */
const IN_STACK: Schemas = {
  text: ({ max }) =>
    max === undefined ? text : text.max(max, `must have at most ${max} characters`),
  version: () => version,
  boolean: () => flag,
  list,
  "boolean or list": (row) =>
    z.union([flag, list(row)], {
      error: `must be true, false, or a list with at least one ${row.atLeastOne}`,
    }),
  duration: () => duration,
  count: () => z.int("must be a whole number"),
  map: () => z.record(z.string(), z.string("must be a text")),
  scope: none,
  baseline: () =>
    z.strictObject({
      version,
      description: text
        .max(200, "must have at most 200 characters")
        .default(DEFAULT_OPTIONS.baselineDescription),
    }),
};

const word = z.string("must be a text").min(1, "must be a text");
const words = z.array(z.string("must be a text"), "must be a list of texts").readonly();

/** As the stack hands them on: values, not what was written. */
const IN_JOB: Schemas = {
  ...IN_STACK,
  text: () => word,
  version: () => word,
  list: () => words,
  "boolean or list": () =>
    z.union([flag, words], { error: "must be true, false or a list of texts" }),
  duration: () => {
    const message = "must be a number of milliseconds";
    return z.number(message).min(0, message);
  },
  baseline: () => z.strictObject({ version: word, description: word }, "must be an object"),
};

function shapeOf<T>(source: Source, schemas: Schemas): Shape<T> {
  const fields = Object.entries(ROWS)
    .filter(([, { from }]) => from.includes(source))
    .map(([key, row]) => [key, schemas[row.kind](row).optional().meta(metaOf(key, row))]);
  return Object.fromEntries(fields) as Shape<T>;
}

function metaOf(key: string, row: Row): KeyMeta & Record<string, unknown> {
  const value = (STACK_DEFAULTS as Readonly<Record<string, unknown>>)[key];
  const shown = written(row, value);
  return {
    description: row.stack?.help ?? row.help,
    unset: row.stack?.unset ?? row.unset ?? (shown && `\`${shown}\``),
  };
}

/** The keys of a database in `tidemark:databases`; what they are turned into is StackOptions. */
export const STACK_SHAPE = shapeOf<StackOptions>("stack", IN_STACK);

/** The options of a database in job.json. A key that this version does not know is refused. */
export const jobOptionsSchema = z.strictObject(
  shapeOf<JobOptions>("job", IN_JOB),
  "must be an object",
);

/** The JSON in the Job's Secret, with the options that may hold a secret. */
export const secretOptionsSchema = z.strictObject(shapeOf<SecretOptions>("jobSecret", IN_JOB));
