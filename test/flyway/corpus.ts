import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The cases and their golden results lie in the source tree; compiled, this file is in bin/test/flyway. */
export const CORPUS = resolve(__dirname, "../../../test/flyway");

export type Step =
  | {
      readonly kind: "flyway";
      readonly command: string;
      readonly config?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
      readonly db?: string;
      readonly timeoutMs?: number;
    }
  | { readonly kind: "psql"; readonly sql: string; readonly db?: string }
  | { readonly kind: "files"; readonly set: string }
  | { readonly kind: "hold"; readonly sql: string; readonly db?: string }
  | { readonly kind: "release" };

export interface Case {
  readonly name: string;
  readonly files: string;
  readonly databases?: readonly string[];
  readonly steps: readonly Step[];
}

export interface GoldenMigration {
  readonly category: string;
  readonly version: string;
  readonly description: string;
  readonly type: string;
  readonly state?: string;
}

/** What real Flyway 13 did at one step. */
export interface GoldenStep {
  readonly kind: Step["kind"];
  readonly exit?: "ok" | "failed" | "timeout";
  readonly errorCode?: string | null;
  readonly message?: string;
  readonly invalidMigrations?: readonly {
    readonly version: string | null;
    readonly description: string | null;
    readonly errorCode: string;
  }[];
  readonly result?: {
    readonly schemaVersion?: string | null;
    readonly migrations?: readonly GoldenMigration[];
    readonly migrationsExecuted?: number;
  };
  readonly state?: Readonly<Record<string, DatabaseState>>;
}

/** What snapshot.sql tells of one database. */
export type DatabaseState = Readonly<Record<string, unknown>>;

export interface GoldenCase {
  readonly case: string;
  readonly steps: readonly GoldenStep[];
  readonly historyShape: Readonly<Record<string, unknown>>;
}

export function caseNames(): string[] {
  return readdirSync(join(CORPUS, "cases")).sort();
}

export function readCase(name: string): { definition: Case; golden: GoldenCase; folder: string } {
  const folder = join(CORPUS, "cases", name);
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), "utf8"));
  return {
    definition: read("case.json") as Case,
    golden: read("golden.json") as GoldenCase,
    folder,
  };
}
