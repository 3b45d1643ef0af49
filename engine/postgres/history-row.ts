import { TidemarkError } from "../core/errors";
import type { AppliedMigration, AppliedType } from "../core/migration";
import { type MigrationVersion, parseVersion } from "../core/version";

/** Flyway's columns, in its order. */
export const HISTORY_COLUMNS = [
  "installed_rank",
  "version",
  "description",
  "type",
  "script",
  "checksum",
  "installed_by",
  "installed_on",
  "execution_time",
  "success",
] as const;

type Column = (typeof HISTORY_COLUMNS)[number];

/** A row as text, whatever the columns' types are: a table that others made may have bigint, numeric or char ones. */
export type HistoryRow = Readonly<Record<Column, string | null>>;

const TYPES: ReadonlyMap<string, AppliedType> = new Map([
  ["SQL", "SQL"],
  ["SQL_BASELINE", "SQL_BASELINE"],
  ["SQL_STATE_SCRIPT", "SQL_BASELINE"],
  ["SCHEMA", "SCHEMA"],
  ["BASELINE", "BASELINE"],
  ["DELETE", "DELETE"],
  ["JDBC", "JDBC"],
  ["SPRING_JDBC", "JDBC"],
  ["JDBC_BASELINE", "JDBC_BASELINE"],
  ["JDBC_STATE_SCRIPT", "JDBC_BASELINE"],
  ["SCRIPT", "SCRIPT"],
  ["UNDO_SCRIPT", "UNDO_SCRIPT"],
  ["CUSTOM", "CUSTOM"],
]);

/**
 * The applied migration that a row of the history stands for.
 * @throws TidemarkError (ERROR) that names the row, for a type or version that we do not know, and for a rank, checksum,
 *   time or success that cannot be read as what it is.
 */
export function readRow(row: HistoryRow, table: string): AppliedMigration {
  return new RowReader(row, table).read();
}

class RowReader {
  readonly #row: HistoryRow;
  readonly #table: string;

  constructor(row: HistoryRow, table: string) {
    this.#row = row;
    this.#table = table;
  }

  read(): AppliedMigration {
    return {
      installedRank: this.#number("installed_rank"),
      version: this.#version(),
      description: this.#text("description"),
      type: this.#type(),
      script: this.#text("script"),
      checksum: this.#row.checksum === null ? null : this.#number("checksum"),
      installedBy: this.#text("installed_by"),
      installedOn: this.#text("installed_on"),
      executionTimeMs: this.#row.execution_time === null ? 0 : this.#number("execution_time"),
      success: this.#success(),
    };
  }

  #text(column: Column): string {
    return this.#row[column] ?? "";
  }

  #type(): AppliedType {
    const text = this.#text("type").trimEnd(); // of type char it is padded
    const type = TYPES.get(text);
    if (type) return type;
    throw this.#bad(
      `its type "${text}" is unknown`,
      "A paid or newer edition of Flyway may have written it: remove what it stands for with that edition.",
    );
  }

  #version(): MigrationVersion | null {
    const text = this.#row.version;
    if (text === null) return null;
    const version = parseVersion(text.trimEnd());
    if (version) return version;
    throw this.#bad(`its version "${text}" is not a version`, "Correct the row by hand.");
  }

  #number(column: "installed_rank" | "checksum" | "execution_time"): number {
    const text = this.#row[column]?.trim() ?? "";
    const number = /^[+-]?\d+(?:\.0*)?$/.test(text) ? Number(text) : NaN;
    if (Number.isSafeInteger(number)) return number;
    throw this.#bad(
      `its ${column} ${JSON.stringify(this.#row[column])} is not a whole number`,
      "Correct the row by hand.",
    );
  }

  /** What JDBC takes for a truth value; none at all is one that has failed. */
  #success(): boolean {
    const text = this.#text("success").trim().toLowerCase();
    if (["true", "t", "yes", "y", "on", "1"].includes(text)) return true;
    if (["false", "f", "no", "n", "off", "0", ""].includes(text)) return false;
    throw this.#bad(
      `its success ${JSON.stringify(text)} is neither true nor false`,
      "Correct the row by hand.",
    );
  }

  #bad(what: string, remedy: string): TidemarkError {
    return new TidemarkError({
      code: "ERROR",
      class: "migrations",
      message: `Row ${this.#row.installed_rank} of the schema history ${this.#table} cannot be read: ${what}.`,
      remedy,
    });
  }
}
