import type { ScriptConfig } from "./script-config";
import type { MigrationVersion } from "./version";

/** What a file name can mean. `SQL_BASELINE` is a B file: it stands in for all versions up to its own. */
export type ResolvedType = "SQL" | "SQL_BASELINE";

/** Types that a history row can have; the synthetic ones are marks, not migrations. */
export type AppliedType =
  | ResolvedType
  | "SCHEMA"
  | "BASELINE"
  | "DELETE"
  | "JDBC"
  | "JDBC_BASELINE"
  | "SCRIPT"
  | "UNDO_SCRIPT"
  | "CUSTOM";

/** What the name of a migration file says. */
export interface NamedMigration {
  /** null: repeatable. */
  readonly version: MigrationVersion | null;
  readonly description: string;
  readonly type: ResolvedType;
  /** The path below its location, with `/`. */
  readonly script: string;
  /** Where the file lies, as given by its location. */
  readonly path: string;
}

/** A migration file that was found, without its text: planning needs no SQL. */
export interface ResolvedMigration extends NamedMigration {
  /** Of a repeatable: over the text with placeholders replaced. */
  readonly checksum: number;
  /** Of a repeatable: over the raw text; a row with this checksum is up to date, too. */
  readonly equivalentChecksum?: number;
  /** What `<script>.conf` says. */
  readonly config?: ScriptConfig;
}

/** A row of the schema history. */
export interface AppliedMigration {
  readonly installedRank: number;
  readonly version: MigrationVersion | null;
  readonly description: string;
  readonly type: AppliedType;
  readonly script: string;
  readonly checksum: number | null;
  readonly installedBy: string;
  /** As PostgreSQL prints the timestamp without time zone. */
  readonly installedOn: string;
  readonly executionTimeMs: number;
  readonly success: boolean;
}

const SYNTHETIC: ReadonlySet<AppliedType> = new Set(["SCHEMA", "BASELINE", "DELETE"]);

const BASELINES: ReadonlySet<AppliedType> = new Set(["BASELINE", "SQL_BASELINE", "JDBC_BASELINE"]);

/** Whether the row stands for all versions up to its own. */
export function isBaseline(type: AppliedType): boolean {
  return BASELINES.has(type);
}

/** Whether the row is a mark that a command left rather than a migration that ran. */
export function isSynthetic(type: AppliedType): boolean {
  return SYNTHETIC.has(type);
}

const MAX_DESCRIPTION = 200;
const MAX_SCRIPT = 1000;

/** A description as the history stores it: at most 200 UTF-16 units, the rest cut as Flyway cuts it. */
export function storedDescription(description: string): string {
  return description.length <= MAX_DESCRIPTION
    ? description
    : description.slice(0, MAX_DESCRIPTION - 3) + "...";
}

/** A script path as the history stores it: at most 1000 UTF-16 units; Flyway puts the dots in front, and cuts the end. */
export function storedScript(script: string): string {
  return script.length <= MAX_SCRIPT ? script : "..." + script.slice(3, MAX_SCRIPT);
}
