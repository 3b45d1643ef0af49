/** What a script may leave behind in its session, and the verdict that no script starts with anything of another's. */
import type { Trace } from "./model";
import type { Project } from "./project";
import type { Random } from "./random";
import { GATE } from "./scripts";

/** A statement by kind; `id` makes names that no other script uses. Those that take rights away come last. */
export const LEAKS: readonly ((id: string) => string)[] = [
  () => "SET app.leak = 'x';",
  () => "SET lock_timeout = '7s';",
  () => "SET statement_timeout = '33min';",
  () => "SET session_replication_role = replica;",
  () => "SET client_encoding = 'LATIN1';",
  () => "SET standard_conforming_strings = off;",
  () => "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE;",
  () => "SET TIME ZONE 'Asia/Tokyo';",
  () => "SET check_function_bodies = off;",
  () => "SET client_min_messages = error;",
  (id) => `CREATE TEMP TABLE leak_${id} (id int);`,
  (id) => `PREPARE leak_${id} AS SELECT 1;`,
  (id) => `DECLARE leak_${id} CURSOR WITH HOLD FOR SELECT 1;`,
  () => "LISTEN leak;",
  () => "SELECT pg_advisory_lock(77);",
  () => "SELECT pg_advisory_unlock_all();",
  () => "RESET ALL;",
  () => "SELECT set_config('search_path', '', false);",
  () => "SET search_path = outside, pg_temp;",
  () => "SET default_transaction_read_only = on;",
  () => "SET ROLE pg_monitor;",
  () => "SET SESSION AUTHORIZATION pg_monitor;",
];

/** One or two of them; which comes first goes round with `turn`, so that a run of seeds has all. */
export function someLeaks(random: Random, turn: number, id: string): string[] {
  const first = turn % LEAKS.length;
  const second = random.int(0, LEAKS.length - 1);
  const chosen = random.chance(0.5) && second !== first ? [first, second] : [first];
  return chosen.sort((a, b) => a - b).map((index) => (LEAKS[index] as (id: string) => string)(id));
}

/** Those that are noted at their defaults, too. */
const SHOWN = `'client_encoding', 'standard_conforming_strings', 'session_replication_role', 'search_path',
  'default_transaction_read_only', 'default_transaction_isolation', 'lock_timeout', 'statement_timeout', 'TimeZone'`;

/**
 * In a schema that is not managed: the settings that a session has changed, and what else it holds. A
 * setting that is back at its default is left out.
 */
export const SETTINGS = `CREATE FUNCTION outside.settings() RETURNS jsonb LANGUAGE sql AS $f$
  SELECT coalesce((SELECT jsonb_object_agg(name, setting) FROM pg_catalog.pg_settings
      WHERE (source = 'session' OR name IN (${SHOWN})) AND name NOT LIKE 'transaction\\_%'), '{}')
    || jsonb_build_object(
      'role', CASE WHEN current_user = connected AND session_user = connected THEN 'own' ELSE current_user END,
      'app.leak', coalesce(current_setting('app.leak', true), ''),
      'app.each', coalesce(current_setting('app.each', true), ''),
      'temp', (SELECT count(*) FROM pg_catalog.pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r')::text,
      'prepared', (SELECT count(*) FROM pg_catalog.pg_prepared_statements WHERE from_sql)::text,
      'cursors', (SELECT count(*) FROM pg_catalog.pg_cursors WHERE is_holdable)::text,
      'channels', (SELECT count(*) FROM pg_listening_channels())::text,
      'locks', (SELECT count(*) FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
        AND (classid, objid) <> (0, ${GATE}))::text)
  FROM (SELECT usename AS connected FROM pg_catalog.pg_stat_activity WHERE pid = pg_backend_pid()) AS own $f$`;

/** What every script has to start with, whoever wrote the one before. */
const CLEAN: Readonly<Record<string, string>> = {
  client_encoding: "UTF8",
  standard_conforming_strings: "on",
  session_replication_role: "origin",
  default_transaction_read_only: "off",
  role: "own",
  "app.leak": "",
  temp: "0",
  prepared: "0",
  cursors: "0",
  channels: "0",
};

/** What beforeEachMigrate sets holds for the migration alone, and the migration lock is the migrations'. */
const OF_MIGRATIONS = ["locks", "app.each"];

export function leaks({ callbacks }: Project, traces: readonly Trace[]): string[] {
  const first = new Map<string, Trace>();
  // Within a migration a callback finds what that has set, as in Flyway; the first one finds the session as it began.
  const inner = new Map(
    callbacks.map(({ script, event, isInner }) => [
      script,
      isInner && event !== "beforeEachMigrate",
    ]),
  );
  return traces.flatMap((trace) => {
    const { pid, script, settings } = trace;
    if (!settings) return [];
    const isMigration = !inner.has(script);
    const isInner = inner.get(script) ?? false;
    const reference = (isMigration && first.get(`${pid} migration`)) || first.get(`${pid} any`);
    const isAlike = isMigration && !inner.has(reference?.script ?? script);
    if (isInner) return [];
    remember(first, `${pid} any`, trace);
    if (isMigration) remember(first, `${pid} migration`, trace);
    return [
      ...(reference
        ? differences(trace, reference, (key) => isAlike || !OF_MIGRATIONS.includes(key))
        : []),
      ...unclean(trace),
      ...(isMigration ? lockProblems(trace) : []),
    ];
  });
}

function remember(first: Map<string, Trace>, key: string, trace: Trace): void {
  if (!first.has(key)) first.set(key, trace);
}

function differences(trace: Trace, reference: Trace, counts: (key: string) => boolean): string[] {
  const [now, then] = [trace.settings ?? {}, reference.settings ?? {}];
  return [...new Set([...Object.keys(now), ...Object.keys(then)])]
    .filter((key) => counts(key) && now[key] !== then[key])
    .map(
      (key) =>
        `${trace.script} starts with ${key} = ${now[key]}; ${reference.script} did with ${then[key]}`,
    );
}

const unclean = ({ script, settings }: Trace): string[] =>
  Object.entries(settings ?? {})
    .filter(([key, value]) => key in CLEAN && value !== CLEAN[key])
    .map(([key, value]) => `${script} starts with ${key} = ${value}`);

const lockProblems = ({ script, settings }: Trace): string[] =>
  settings?.locks === "1"
    ? []
    : [
        `${script} starts with ${settings?.locks} advisory locks, not with the migration lock alone`,
      ];
