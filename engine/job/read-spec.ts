import { TidemarkError } from "../core/errors";
import type { JobDatabase, JobSpec } from "./spec";

/** What is wrong with a value, as the end of a sentence; undefined: nothing. */
type Check = (value: unknown) => string | undefined;

const isText: Check = (value) =>
  typeof value === "string" && value !== "" ? undefined : "must be a text";
const isFlag: Check = (value) => (typeof value === "boolean" ? undefined : "must be true or false");
const isDuration: Check = (value) =>
  typeof value === "number" && Number.isFinite(value) && value >= 0
    ? undefined
    : "must be a number of milliseconds";
const isTexts: Check = (value) =>
  Array.isArray(value) && value.every((item) => typeof item === "string")
    ? undefined
    : "must be a list of texts";
const isFormat: Check = (value) => (value === 1 ? undefined : "must be 1");

interface Shape {
  readonly [key: string]: Field;
}

interface Field {
  readonly check: Check | Shape;
  readonly optional?: true;
}

const required = (check: Check | Shape): Field => ({ check });
const optional = (check: Check | Shape): Field => ({ check, optional: true });

const OPTIONS: Shape = {
  baseline: optional({ version: required(isText), description: required(isText) }),
  target: optional(isText),
  outOfOrder: optional(isFlag),
  schemas: optional(isTexts),
  defaultSchema: optional(isText),
  table: optional(isText),
  createSchemas: optional(isFlag),
  ignoreMigrationPatterns: optional(isTexts),
  group: optional(isFlag),
  mixed: optional(isFlag),
  encoding: optional(isText),
  placeholderReplacement: optional(isFlag),
  allowDestructive: optional((value) => isFlag(value) && isTexts(value)),
  installedBy: optional(isText),
  lockTimeout: optional(isDuration),
  statementTimeout: optional(isDuration),
  lockWait: optional(isDuration),
} satisfies Record<keyof Required<JobDatabase["options"]>, Field>;

const DATABASE: Shape = {
  name: required(isText),
  environment: required({
    url: required(isText),
    user: optional(isText),
    password: optional(isText),
    secretOptions: optional(isText),
  }),
  sslmode: required(isText),
  sslrootcert: optional(isText),
  createDatabase: required(isFlag),
  locations: required(isTexts),
  options: required(OPTIONS),
} satisfies Record<keyof Required<JobDatabase>, Field>;

/**
 * Reads job.json. A key that this version does not know is refused: a setting of a newer program would be lost in
 * silence.
 * @throws TidemarkError (CONFIGURATION) that names every place.
 */
export function readSpec(text: string): JobSpec {
  const value = parse(text);
  const wrong = checkObject(value, { formatVersion: required(isFormat), databases: list() }, "");
  const names = wrong.length === 0 ? (value as JobSpec).databases.map(({ name }) => name) : [];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) wrong.push(`the database "${twice}" is there twice`);
  if (wrong.length > 0) throw badSpec(wrong.join("; "));
  return value as JobSpec;
}

/** The list of databases is checked item by item, so that a place has its number. */
const list = (): Field =>
  required((value) => (Array.isArray(value) ? undefined : "must be a list"));

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badSpec(error instanceof Error ? error.message : String(error));
  }
}

function checkObject(value: unknown, shape: Shape, at: string): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return [`${at === "" ? "it" : at} must be an object`];
  const entries = value as Readonly<Record<string, unknown>>;
  const place = (key: string): string => (at === "" ? key : `${at}.${key}`);
  const unknown = Object.keys(entries).filter((key) => !Object.hasOwn(shape, key));
  return [
    ...unknown.map((key) => `${place(key)} is unknown to this version`),
    ...Object.entries(shape).flatMap(([key, field]) => checkField(entries[key], field, place(key))),
    ...(at === "" && Array.isArray(entries.databases) ? checkDatabases(entries.databases) : []),
  ];
}

function checkField(value: unknown, { check, optional: isOptional }: Field, at: string): string[] {
  if (value === undefined) return isOptional ? [] : [`${at} is missing`];
  if (typeof check !== "function") return checkObject(value, check, at);
  const wrong = check(value);
  return wrong === undefined ? [] : [`${at} ${wrong}`];
}

function checkDatabases(databases: readonly unknown[]): string[] {
  return databases.flatMap((database, index) =>
    checkObject(database, DATABASE, `databases[${index}]`),
  );
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
