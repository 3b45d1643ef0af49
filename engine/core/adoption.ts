/** Objects that are there before any history is: what counts, and what is said of them (docs/decisions/0003). */
import { TidemarkError } from "./errors";
import type { EngineOptions } from "./options";
import type { DatabaseSnapshot } from "./snapshot";

type AdoptionOptions = Pick<
  EngineOptions,
  "baselineScope" | "defaultSchema" | "existingSchemas" | "schemas" | "skipExecutingMigrations"
>;

/**
 * Schemas that hold objects which a first migration could meet. Left out are those that the configuration names; and,
 * where it says which schemas are managed, those that another history looks after: else that history is most likely the
 * one that was meant. Where migrations are only recorded, what they would make may well be there.
 */
export function unexpectedSchemas(
  { nonEmptySchemas, otherHistories }: DatabaseSnapshot,
  options: AdoptionOptions,
): string[] {
  if (options.skipExecutingMigrations) return [];
  const isPlaced = options.schemas.length > 0 || options.defaultSchema !== undefined;
  const expected = new Set([...options.existingSchemas, ...(isPlaced ? otherHistories : [])]);
  return nonEmptySchemas.filter((schema) => !expected.has(schema));
}

/** Flyway's refusal, with the ways out of where it is met: the command, or a stack. */
export function nonEmptyWithoutHistory(
  found: readonly string[],
  { table, otherHistories }: Pick<DatabaseSnapshot, "table" | "otherHistories">,
  { baselineScope }: AdoptionOptions,
): TidemarkError {
  const names = listed(found);
  const others = found.filter((schema) => otherHistories.includes(schema));
  return new TidemarkError({
    code: "NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE",
    class: "migrations",
    message: `Found objects in schema ${names} but no schema history table "${table}".`,
    remedy: baselineScope === "database" ? stackRemedy(names, others) : REMEDY,
  });
}

const listed = (schemas: readonly string[]): string =>
  schemas.map((schema) => JSON.stringify(schema)).join(", ");

const REMEDY =
  "If the objects are those of some version, set a baseline at it (baselineOnMigrate with baselineVersion): migrations " +
  "up to it are taken as applied. If this is the wrong database or schema, correct the URL or the schemas.";

function stackRemedy(names: string, others: readonly string[]): string {
  const history =
    others.length === 0
      ? ""
      : `There is a history in schema ${listed(others)}: to go on from it, set databases.<name>.schemas: [${listed(others)}]. `;
  return (
    history +
    'If the objects are those of some version, set databases.<name>.baseline: { version: "…" }: migrations up to it are ' +
    `taken as applied. If the migrations are to run beside them, set databases.<name>.existingSchemas: [${names}]. ` +
    "If this is the wrong database, correct its address."
  );
}
