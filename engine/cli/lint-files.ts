import { basename, dirname, join } from "node:path";

import { duplicateCallback } from "../core/callbacks";
import { TidemarkError } from "../core/errors";
import { type FileNameMeaning, parseFileName } from "../core/filename";
import { compareResolved } from "../core/info";
import type { NamedMigration } from "../core/migration";
import type { EngineOptions } from "../core/options";
import { placeholderValues } from "../core/placeholders";
import { duplicate, findDuplicates, findReadTwice } from "../core/resolve";
import type { FoundFile } from "../files/locations";
import { readSource } from "../files/read-script";
import { configsOf, readConfig } from "../files/resolver";

/** Something to say about a file, at its place. */
export interface FileProblem {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly severity: "error" | "warning";
}

export interface LintSettings {
  readonly options: EngineOptions;
  /** Scripts that may change rows. */
  readonly exempt: readonly string[];
  /** Versions are unique in each folder, since each is one database's; or in all of them together. */
  readonly isOneDatabase: boolean;
}

type NamedFile = FoundFile & { readonly meaning: FileNameMeaning };

/** Checks each file for what it is by its name, and all of them for names that are given twice. */
export async function lintFiles(
  files: readonly FoundFile[],
  settings: LintSettings,
): Promise<{ problems: FileProblem[]; checked: number }> {
  const { options } = settings;
  const named = files.map((file) => ({ ...file, meaning: parseFileName(file.name, options) }));
  const scripts = named.filter(({ meaning, fault }) => isScript(meaning) && fault === undefined);
  const problems = named.flatMap(nameProblems);
  const readTwice = findReadTwice(named, options);
  if (readTwice) problems.push(problemOf(readTwice, named));
  for (const group of groupsOf(scripts, settings.isOneDatabase)) problems.push(...twins(group));
  const configs = configsOf(files);
  for (const file of scripts) problems.push(...(await lintFile(file, configs, settings)));
  return { problems: problems.sort(byPlace), checked: scripts.length };
}

function isScript({ kind }: FileNameMeaning): boolean {
  return kind !== "other" && kind !== "unrecognized" && kind !== "program";
}

function nameProblems({ path, meaning, fault }: NamedFile): FileProblem[] {
  const at = { path, line: 1, column: 1, code: "ERROR", severity: "error" } as const;
  switch (meaning.kind) {
    case "other":
      return [];
    case "unrecognized":
      return [
        {
          ...at,
          message: `Invalid migration file name: ${meaning.reason}.`,
          remedy:
            "Name versioned migrations like V4__add_email.sql and repeatable ones like R__refresh_views.sql; or move other files out of the folder.",
        },
      ];
    case "program":
      return [
        {
          ...at,
          message: `This is ${meaning.reason}: programs are never run as migrations.`,
          remedy: "Write the change as SQL, or move the file out of the folder.",
        },
      ];
    default:
      return fault === undefined
        ? []
        : [{ ...at, message: `This ${fault}.`, remedy: "Put a file in its place." }];
  }
}

function groupsOf(files: readonly NamedFile[], isOneDatabase: boolean): NamedFile[][] {
  const groups = new Map<string, NamedFile[]>();
  for (const file of files) {
    const key = isOneDatabase ? "" : dirname(file.path);
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups.values()];
}

/** Each file that has the version, the description or, as a callback, the name of another. */
function twins(files: readonly NamedFile[]): FileProblem[] {
  const migrations = files.flatMap((file) => namedMigration(file) ?? []).sort(compareResolved);
  const callbacks = files.filter(({ meaning }) => meaning.kind === "callback");
  const failures = [
    ...findDuplicates(migrations).map(([a, b]) => duplicate(a, b)),
    ...callbacks.flatMap((file, index) => {
      const other = callbacks.slice(0, index).find(({ name }) => name === file.name);
      return other ? [duplicateCallback(other, file)] : [];
    }),
  ];
  return failures.map((failure) => problemOf(failure, files));
}

function namedMigration({ meaning, script, path }: NamedFile): NamedMigration | undefined {
  switch (meaning.kind) {
    case "versioned":
    case "baseline": {
      const type = meaning.kind === "baseline" ? "SQL_BASELINE" : "SQL";
      return { version: meaning.version, description: meaning.description, type, script, path };
    }
    case "repeatable":
      return { version: null, description: meaning.description, type: "SQL", script, path };
    default:
      return undefined;
  }
}

async function lintFile(
  file: NamedFile,
  configs: ReadonlySet<string>,
  { options, exempt }: LintSettings,
): Promise<FileProblem[]> {
  const { lintScript } = await import("../lint/index.js"); // loads PostgreSQL's parser, which only lint needs
  const { path, script, name } = file;
  const { placeholderPrefix: prefix, placeholderSuffix: suffix, mixed } = options;
  const values = placeholderValues(
    options.placeholders,
    { filename: basename(path) },
    options.placeholderSeparator,
  );
  try {
    const config = readConfig(file, { options, placeholders: values, configs });
    const replaces = config.placeholderReplacement ?? options.placeholderReplacement;
    const forced =
      config.executeInTransaction ?? (options.executeInTransaction ? undefined : false);
    const found = await lintScript({
      script: name,
      sql: readSource({ path, script, config }, options),
      exempt: exempt.some((e) => join(e) === join(script) || path.endsWith(join("/", e))),
      placeholders: replaces ? { prefix, suffix } : null,
      values,
      transaction: { mixed, forced },
    });
    return found.map((problem) => ({ ...problem, path }));
  } catch (error) {
    if (!(error instanceof TidemarkError) || error.class === "bug") throw error;
    return [problemOf(error, [file])];
  }
}

/** What reading or comparing files says, at its file. */
function problemOf(error: TidemarkError, files: readonly FoundFile[]): FileProblem {
  const { code, message, remedy, place } = error;
  const script = place.migration ?? "";
  const path = files.find((file) => file.script === script)?.path ?? files[0]?.path ?? script;
  const { line = 1, column = 1 } = place;
  const text = message.startsWith(script)
    ? message.slice(script.length).replace(/^[:\d]*:? /, "")
    : message;
  return { path, line, column, code, severity: "error", message: text, remedy };
}

function byPlace(a: FileProblem, b: FileProblem): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
