/** What of a definition may be shown and kept: options of foreign servers can hold keys and passwords. */
import { kindOf, subjectOf } from "./identity";

const KINDS_WITH_OPTIONS: ReadonlySet<string | undefined> = new Set([
  "foreign data wrapper",
  "server",
  "foreign table",
]);

/** Where data lies and how it is fetched; a wrapper may call its secrets anything, so only these are shown. */
const HARMLESS: ReadonlySet<string> = new Set([
  ...["host", "hostaddr", "port", "dbname", "schema", "schema_name", "table", "table_name"],
  ...["updatable", "truncatable", "async_capable", "fetch_size", "batch_size", "extensions"],
  ...["use_remote_estimate", "fdw_startup_cost", "fdw_tuple_cost", "sslmode", "format"],
]);

const OPTIONS = " options ";

/** @returns the definition with the values of options that may be secret left out; its digest is that of the whole */
export function shownDefinition(identity: string, definition: string): string {
  if (!KINDS_WITH_OPTIONS.has(kindOf(identity)) || subjectOf(identity) !== undefined)
    return definition;
  const start = definition.indexOf(OPTIONS);
  if (start < 0) return definition;
  const options = definition.slice(start + OPTIONS.length).split(", ");
  return definition.slice(0, start) + OPTIONS + options.map(shownOption).join(", ");
}

/** A part without a name is the rest of a value that has a comma in it. */
function shownOption(option: string): string {
  const name = /^([A-Za-z_]\w*)=/.exec(option)?.[1];
  if (name === undefined) return "…";
  return HARMLESS.has(name) ? option : `${name}=…`;
}
