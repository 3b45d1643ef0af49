import { splitStatements } from "../analysis/split";

/** What a dump becomes, and what was left out of it. */
export interface CleanedDump {
  readonly sql: string;
  readonly warnings: readonly string[];
}

/** Settings of the dump's own session: pg_dump sets them for psql, and they would outlive the migration. */
const SETTING = /^(?:SET\s+[a-z_]+\s*(?:=|TO)|SELECT\s+pg_catalog\.set_config\s*\()/i;
const DEFAULT_ACCESS_METHOD = /^SET\s+default_table_access_method\s*=\s*(?!heap\b)(?=\S)/i;
const USER_MAPPING = /^CREATE\s+USER\s+MAPPING\b/i;
const MATERIALIZED_VIEW =
  /^CREATE\s+MATERIALIZED\s+VIEW\s+((?:"(?:[^"]|"")+"|[^\s".]+)(?:\.(?:"(?:[^"]|"")+"|[^\s".]+))?)/i;

/**
 * The settings that a dump needs, for the length of the migration's transaction, and taken back at its end, since several
 * migrations may share one. The names in a dump are complete; with another search_path some would mean something else.
 */
const OPENING = `SELECT pg_catalog.set_config('tidemark.search_path', pg_catalog.current_setting('search_path'), true);
SELECT pg_catalog.set_config('search_path', '', true);
SELECT pg_catalog.set_config('check_function_bodies', 'off', true);`;
const CLOSING = `SELECT pg_catalog.set_config('check_function_bodies', 'on', true);
SELECT pg_catalog.set_config('search_path', pg_catalog.current_setting('tidemark.search_path'), true);`;

/** Turns the text of `pg_dump --schema-only` into that of a migration, for Tidemark and Flyway alike. */
export function cleanDump(dump: string): CleanedDump {
  const text = withoutRestrict(dump.replaceAll("\r\n", "\n"));
  const kept: string[] = [];
  const views: string[] = [];
  let mappings = 0;
  let from = 0;
  for (const { start, end } of splitStatements(text).statements) {
    const statement = text.slice(start, end).replace(/;\s*$/, "");
    const comment = commentBefore(text.slice(from, start));
    from = text.startsWith(";", end) ? end + 1 : end;
    const body = statement.replace(/^(?:\s|--.*\n)+/, "");
    if (USER_MAPPING.test(body)) mappings++;
    else if (DEFAULT_ACCESS_METHOD.test(body)) kept.push(body.replace(/^SET/i, "SET LOCAL"));
    else if (!SETTING.test(body)) {
      kept.push(comment + statement);
      const [, view] = MATERIALIZED_VIEW.exec(body) ?? [];
      if (view !== undefined) views.push(view);
    }
  }
  const refreshes = views.map((view) => `REFRESH MATERIALIZED VIEW ${view}`);
  const statements = [...kept, ...refreshes].map((statement) => `${statement.trim()};`);
  const warnings =
    mappings > 0
      ? [`${mappings} user mappings were left out: they hold passwords. Make them by hand.`]
      : [];
  return { sql: `${[OPENING, ...statements, CLOSING].join("\n\n")}\n`, warnings };
}

/** Lines that only psql understands, as pg_dump writes them since August 2025. The word is random, one for each dump. */
function withoutRestrict(text: string): string {
  const [, word] = /^\\restrict (\S+)$/m.exec(text) ?? [];
  if (word === undefined) return text;
  const lines = text.split("\n");
  return lines
    .filter((line) => line !== `\\restrict ${word}` && line !== `\\unrestrict ${word}`)
    .join("\n");
}

/** pg_dump's own heading of an object, in one line, without the owner. */
function commentBefore(gap: string): string {
  const name = /^-- Name: (.*?); Type: ([A-Z ]+);/m.exec(gap);
  return name ? `-- ${(name[2] ?? "").toLowerCase()} ${name[1] ?? ""}\n` : "";
}
