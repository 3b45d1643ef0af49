import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { TidemarkError } from "../core/errors";
import { DEFAULT_OPTIONS } from "../core/options";
import { nameFiles, orderResolved } from "../core/resolve";
import { decodeScript } from "../files/decode";
import { findFiles, type FoundFile } from "../files/locations";
import { resolveMigrations } from "../files/resolver";
import type { LintProblem } from "../lint";
import { emptyReport, type Report } from "./report";

const STRICT = { ...DEFAULT_OPTIONS, validateMigrationNaming: true, failOnMissingLocations: true };

/**
 * Checks all migrations below the folders: names, duplicate versions, syntax, and that they change the schema only.
 * @throws TidemarkError (VALIDATE_ERROR) with every problem, where there is an error among them.
 */
export async function lintCommand(
  folders: readonly string[],
  own: Readonly<Record<string, unknown>>,
): Promise<Report> {
  const exempt = typeof own.exempt === "string" ? own.exempt.split(",").map((s) => s.trim()) : [];
  const { files } = await findFiles(folders, true);
  await checkNames(files);
  const problems: LintProblem[] = [];
  let checked = 0;
  for (const file of migrationsOf(files)) {
    problems.push(...(await lintFile(file, exempt)));
    checked++;
  }
  refuse(problems.filter((p) => p.severity === "error"));
  const warnings = problems.filter((p) => p.severity === "warning").map(describe);
  return { ...emptyReport("lint"), checked, warnings };
}

/** Each folder that holds migrations is one database's: versions are unique in it. */
async function checkNames(files: readonly FoundFile[]): Promise<void> {
  nameFiles(files, STRICT);
  const folders = new Set(files.map((file) => dirname(file.path)));
  for (const folder of folders) {
    const { migrations } = await resolveMigrations(
      { ...STRICT, locations: [folder], placeholderReplacement: false },
      new Map(),
    );
    orderResolved(migrations);
  }
}

function migrationsOf(files: readonly FoundFile[]): FoundFile[] {
  const kinds = ["versioned", "repeatable", "baseline", "callback"];
  return nameFiles(files, STRICT).filter((file) => kinds.includes(file.meaning.kind));
}

async function lintFile(file: FoundFile, exempt: readonly string[]): Promise<LintProblem[]> {
  const { lintScript } = await import("../lint/index.js"); // loads PostgreSQL's parser, which only lint needs
  const sql = decodeScript(await readFile(file.path), STRICT.encoding, file.script);
  const isExempt = exempt.some(
    (name) => join(name) === join(file.script) || file.path.endsWith(join("/", name)),
  );
  return lintScript({ script: file.path, sql, exempt: isExempt });
}

function refuse(problems: readonly LintProblem[]): void {
  const [first] = problems;
  if (!first) return;
  throw new TidemarkError(
    { code: "VALIDATE_ERROR", class: "migrations", message: describe(first), remedy: first.remedy },
    problems.map((p) => ({
      code: "ERROR",
      version: null,
      description: p.code,
      message: describe(p),
      remedy: p.remedy,
    })),
  );
}

function describe({ script, line, column, message }: LintProblem): string {
  return `${script}:${line}:${column}: ${message}`;
}
