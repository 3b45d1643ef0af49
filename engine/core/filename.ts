import type { EngineOptions } from "./options";
import { type MigrationVersion, parseVersion } from "./version";

/** What Flyway's naming rule makes of one file name. */
export type FileNameMeaning =
  | {
      readonly kind: "versioned" | "baseline";
      readonly version: MigrationVersion;
      readonly description: string;
    }
  | { readonly kind: "repeatable"; readonly description: string }
  | { readonly kind: "callback"; readonly event: string; readonly description: string }
  | { readonly kind: "program"; readonly reason: string }
  | { readonly kind: "unrecognized"; readonly reason: string }
  | { readonly kind: "other" };

type Naming = Pick<
  EngineOptions,
  | "sqlMigrationPrefix"
  | "repeatableSqlMigrationPrefix"
  | "baselineMigrationPrefix"
  | "sqlMigrationSeparator"
  | "sqlMigrationSuffixes"
>;

/** Flyway's callback events that an SQL file can be named after. */
export const CALLBACK_EVENTS: readonly string[] = [
  "beforeConnect",
  "afterConnect",
  "createSchema",
  "beforeCreateSchema",
  "beforeRepeatables",
  "afterVersioned",
  ...["EachMigrate", "EachMigrateStatement"].flatMap((e) => [
    `before${e}`,
    `after${e}`,
    `after${e}Error`,
  ]),
  "afterMigrateApplied",
  ...["Migrate", "Validate", "Info", "Repair", "Baseline", "Clean"].flatMap((e) => [
    `before${e}`,
    `after${e}`,
    `after${e}Error`,
    `after${e}OperationFinish`,
  ]),
];

const PROGRAM_SUFFIXES = [".sh", ".bash", ".cmd", ".bat", ".ps1", ".py"];

/**
 * Reads a file name by Flyway's rule: suffix, then prefix (longest first, and an empty one fits all), then the first
 * separator. Nothing but prefix and suffix is no migration (`R.sql`).
 * `other` is a file that is no migration by its suffix or prefix and of no interest to a naming check.
 */
export function parseFileName(name: string, naming: Naming): FileNameMeaning {
  const suffix = naming.sqlMigrationSuffixes.find((s) => endsWithIgnoringCase(name, s));
  if (suffix === undefined) return programOrOther(name, naming);
  const stem = name.slice(0, name.length - suffix.length);
  const prefix = longestPrefix(stem, naming);
  if (prefix === undefined) {
    return { kind: "unrecognized", reason: `no migration prefix (${prefixes(naming).join(", ")})` };
  }
  return parseStem(stem.slice(prefix.text.length), prefix, naming);
}

interface Prefix {
  readonly text: string;
  readonly kind: "versioned" | "baseline" | "repeatable" | "callback";
}

function parseStem(rest: string, prefix: Prefix, naming: Naming): FileNameMeaning {
  const at = rest.indexOf(naming.sqlMigrationSeparator);
  const head = at < 0 ? rest : rest.slice(0, at);
  const description =
    at < 0 ? "" : rest.slice(at + naming.sqlMigrationSeparator.length).replaceAll("_", " ");
  if (prefix.kind === "versioned" || prefix.kind === "baseline") {
    const version = parseVersion(head);
    if (version) return { kind: prefix.kind, version, description };
    return { kind: "unrecognized", reason: versionReason(head, naming) };
  }
  if (prefix.kind === "repeatable" && rest === "") {
    return { kind: "unrecognized", reason: "the description is missing" };
  }
  if (head !== "") {
    return {
      kind: "unrecognized",
      reason: `"${head}" stands between the prefix ${prefix.text} and the separator ${naming.sqlMigrationSeparator}`,
    };
  }
  if (prefix.kind === "callback") return { kind: "callback", event: prefix.text, description };
  return { kind: "repeatable", description };
}

function versionReason(head: string, naming: Naming): string {
  return head === ""
    ? "the version is missing"
    : `"${head}" is not a version; a double underscore (${naming.sqlMigrationSeparator}) ends the version`;
}

function longestPrefix(stem: string, naming: Naming): Prefix | undefined {
  return allPrefixes(naming).find((p) => stem.startsWith(p.text));
}

const prefixesOf = new WeakMap<Naming, readonly Prefix[]>();

/** Longest first, an empty one last; worked out once for all files of a run. */
function allPrefixes(naming: Naming): readonly Prefix[] {
  const known = prefixesOf.get(naming);
  if (known) return known;
  const all: Prefix[] = [
    { text: naming.sqlMigrationPrefix, kind: "versioned" },
    { text: naming.repeatableSqlMigrationPrefix, kind: "repeatable" },
    { text: naming.baselineMigrationPrefix, kind: "baseline" },
    ...CALLBACK_EVENTS.map((text) => ({ text, kind: "callback" }) as const),
  ];
  const sorted = all.sort((a, b) => b.text.length - a.text.length); // stable: of equal ones the first
  prefixesOf.set(naming, sorted);
  return sorted;
}

function prefixes(naming: Naming): string[] {
  return [
    naming.sqlMigrationPrefix,
    naming.repeatableSqlMigrationPrefix,
    naming.baselineMigrationPrefix,
  ];
}

/** Flyway runs `V2__x.sh`, and any `V3__x` without a suffix, as programs of the operating system. We never do. */
function programOrOther(name: string, naming: Naming): FileNameMeaning {
  const suffix = PROGRAM_SUFFIXES.find((s) => endsWithIgnoringCase(name, s));
  if (suffix === undefined && name.includes(".")) return { kind: "other" };
  const stem = name.slice(0, name.length - (suffix?.length ?? 0));
  const prefix = longestPrefix(stem, naming);
  if (!prefix || prefix.kind === "callback") return { kind: "other" };
  const meaning = parseStem(stem.slice(prefix.text.length), prefix, naming);
  if (meaning.kind === "unrecognized") return { kind: "other" };
  return { kind: "program", reason: suffix ? `a ${suffix} program` : "a file without a suffix" };
}

function endsWithIgnoringCase(name: string, suffix: string): boolean {
  return name.slice(-suffix.length).toLowerCase() === suffix.toLowerCase();
}
