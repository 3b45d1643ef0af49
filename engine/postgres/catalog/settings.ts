/**
 * What PostgreSQL prints of a definition depends on settings of the session: whether names are qualified, how
 * constants of a date look. These make it print the same for everybody. JIT is off because compiling a large query
 * takes longer than running it.
 */
const PRINT_SETTINGS: Readonly<Record<string, string>> = {
  search_path: "pg_catalog, pg_temp",
  quote_all_identifiers: "off",
  standard_conforming_strings: "on",
  DateStyle: "ISO, YMD",
  IntervalStyle: "postgres",
  TimeZone: "UTC",
  extra_float_digits: "1",
  bytea_output: "hex",
  lc_monetary: "C",
  jit: "off",
};

const names = Object.keys(PRINT_SETTINGS).map((name) => `('${name}')`);
const values = Object.entries(PRINT_SETTINGS).map(([name, value]) => `('${name}', '${value}')`);

/** Where the caller's settings are kept meanwhile: a custom setting ends with the transaction as well. */
const SAVED = "tidemark.settings";

/**
 * Surrounds a query with settings that are local to the transaction. Sent as one message, the statements share a
 * transaction also where the caller has begun none. Where the caller has one, it goes on: so the settings are put
 * back. If the query fails, the transaction (or the caller's savepoint) takes them back.
 *
 * @returns several statements; the rows of those around the query have one column, `setting`
 */
export const withPrintSettings = (query: string) => `
SELECT pg_catalog.set_config('${SAVED}', pg_catalog.json_object_agg(
  n.name, pg_catalog.current_setting(n.name))::pg_catalog.text, true) AS setting
FROM (VALUES ${names.join(", ")}) n (name);
SELECT pg_catalog.count(pg_catalog.set_config(n.name, n.value, true)) AS setting
FROM (VALUES ${values.join(", ")}) n (name, value);
${query};
SELECT count(set_config(s.key, s.value, true)) AS setting
FROM json_each_text(current_setting('${SAVED}')::json) s`;
