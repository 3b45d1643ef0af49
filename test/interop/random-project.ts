/** Random small projects: files that come, change and go, hands in the history, and commands in between. */
import fc from "fast-check";

import type { Config } from "../flyway/command";

export interface RandomFile {
  readonly name: string;
  readonly content: string;
}

/** One thing that happens; files are named by their place among those that are there, modulo their number. */
export type Act =
  | { readonly kind: "write"; readonly file: RandomFile }
  | { readonly kind: "edit"; readonly place: number; readonly content: string }
  | { readonly kind: "rename"; readonly place: number; readonly name: string }
  | { readonly kind: "remove"; readonly place: number }
  | { readonly kind: "lineEnds"; readonly place: number }
  | { readonly kind: "sql"; readonly sql: string }
  | { readonly kind: "run"; readonly command: string; readonly config: Config };

export interface RandomProject {
  /** Of all commands. */
  readonly config: Config;
  readonly acts: readonly Act[];
}

const VERSIONS = ["1", "1.0", "1_1", "1.10", "1.2", "2", "02", "3", "3.0.1", "4", "10", "0"];
const DESCRIPTIONS = ["a", "b", "add_it", "Ünï", "", "two__parts"];
const FOLDERS = ["", "", "", "sub/", "sub/deep/"];

/** SQL that can run again and again, in any order; `fails` does not. */
const contents = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.nat(2), fc.nat(2)).map(([t, n]) => fill(t, n)) },
  { weight: 2, arbitrary: fc.nat(3).map((n) => `CREATE OR REPLACE VIEW v AS SELECT ${n} AS n;\n`) },
  {
    weight: 2,
    arbitrary: fc
      .nat(2)
      .map(
        (n) => `CREATE TABLE IF NOT EXISTS w (who text);\nINSERT INTO w VALUES ('\${who} ${n}');\n`,
      ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      `${fill(3, 1)}INSERT INTO nowhere VALUES (1);\n`,
      "VACUUM pg_catalog.pg_namespace;\n",
      "VACUUM nowhere;\n",
      `${fill(4, 1)}VACUUM pg_catalog.pg_namespace;\n`,
      "SELECT '${nobody}';\n",
      "",
    ),
  },
);

function fill(table: number, n: number): string {
  return `CREATE TABLE IF NOT EXISTS t${table} (n int);\nINSERT INTO t${table} VALUES (${n});\n`;
}

const names = fc
  .tuple(
    fc.constantFrom(...FOLDERS),
    fc.constantFrom("V", "V", "V", "V", "R", "R", "B"),
    fc.constantFrom(...VERSIONS),
    fc.constantFrom(...DESCRIPTIONS),
  )
  .map(([folder, prefix, version, description]) =>
    prefix === "R"
      ? `${folder}R__${description}.sql`
      : `${folder}${prefix}${version}__${description}.sql`,
  );

const files = fc.record({ name: names, content: contents });

const HISTORY = "HISTORY"; // stands for the qualified name of the history table
const rank = fc.integer({ min: 1, max: 4 });

const handsIn = fc.oneof(
  fc.constant("CREATE TABLE IF NOT EXISTS legacy (n int)"),
  fc
    .tuple(
      rank,
      fc.constantFrom(
        "checksum = NULL",
        "checksum = 123",
        "success = false",
        "type = 'JDBC'",
        "description = 'other'",
        "installed_rank = 20",
        "version = '2.0'",
      ),
    )
    .map(([r, change]) => `UPDATE ${HISTORY} SET ${change} WHERE installed_rank = ${r}`),
  rank.map((r) => `DELETE FROM ${HISTORY} WHERE installed_rank = ${r}`),
  fc
    .tuple(
      fc.constantFrom("'99'", "'1.1'", "'2'", "NULL"),
      fc.constantFrom("SQL", "DELETE"),
      fc.boolean(),
    )
    .map(
      ([version, type, success]) =>
        `INSERT INTO ${HISTORY} SELECT coalesce(max(installed_rank), 0) + 1, ${version}, 'a', '${type}', 'gone.sql', 5, 'x', now(), 1, ${success} FROM ${HISTORY}`,
    ),
);

/** Each option is there seldom, so that most commands are plain ones. */
function sometimes<T>(...values: readonly [T, ...T[]]): fc.Arbitrary<T | undefined> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...values) },
  );
}

const options = fc
  .record({
    target: sometimes("latest", "current", "next", "2", "1.1", "3?", "2.5?", "10", "7"),
    outOfOrder: sometimes(true),
    ignoreMigrationPatterns: sometimes(
      "",
      "*:missing",
      "*:pending",
      "*:ignored",
      "*:future",
      "*:*",
      "versioned:missing,repeatable:pending",
      "versioned:pending,repeatable:pending",
    ),
    validateOnMigrate: sometimes(false),
    baselineOnMigrate: sometimes(true),
    baselineVersion: sometimes("0", "1", "1.1", "2", "3.0"),
    baselineDescription: sometimes("as it was"),
    group: sometimes(true),
    mixed: sometimes(true),
    skipExecutingMigrations: sometimes(true),
    createSchemas: sometimes(false),
    installedBy: sometimes("somebody"),
    "placeholders.who": sometimes("Bob"),
    placeholderReplacement: sometimes(false),
    validateMigrationNaming: sometimes(true),
    locations: sometimes<readonly string[]>(["sub"], ["sub", "."], ["sub/deep", "sub"]),
  })
  .map(withoutUndefined);

function withoutUndefined(config: Readonly<Record<string, unknown>>): Config {
  const given = Object.entries(config).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Config;
}

const place = fc.nat(20);
const commands = fc.constantFrom(
  ...[
    "migrate",
    "migrate",
    "migrate",
    "migrate",
    "repair",
    "repair",
    "baseline",
    "info",
    "validate",
  ],
);
const plainRun = commands.map((command): Act => ({ kind: "run", command, config: {} }));
const run = fc
  .tuple(commands, options)
  .map(([command, config]): Act => ({ kind: "run", command, config }));

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: files.map((file): Act => ({ kind: "write", file })) },
  { weight: 6, arbitrary: run },
  { weight: 5, arbitrary: plainRun },
  {
    weight: 1,
    arbitrary: fc
      .tuple(place, contents)
      .map(([p, content]): Act => ({ kind: "edit", place: p, content })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(place, names).map(([p, name]): Act => ({ kind: "rename", place: p, name })),
  },
  { weight: 1, arbitrary: place.map((p): Act => ({ kind: "remove", place: p })) },
  { weight: 1, arbitrary: place.map((p): Act => ({ kind: "lineEnds", place: p })) },
  { weight: 1, arbitrary: handsIn.map((sql): Act => ({ kind: "sql", sql })) },
);

const base = fc
  .record({
    schemas: sometimes("app", "app,audit", "public,app"),
    defaultSchema: sometimes("ops"),
    table: sometimes("My History"),
    outOfOrder: sometimes(true),
    baselineOnMigrate: sometimes(true),
  })
  .map((config) => ({
    ...withoutUndefined(config),
    "placeholders.who": "Ann",
    // Under its default Flyway loses the failed row of a migration without transaction: we keep it, on purpose.
    "postgresql.transactional.lock": false,
  }));

export const randomProjects: fc.Arbitrary<RandomProject> = fc
  .tuple(
    base,
    fc.array(files, { minLength: 1, maxLength: 4 }),
    fc.array(act, { minLength: 3, maxLength: 12 }),
  )
  .map(([config, first, acts]) => ({
    config,
    acts: [...first.map((file): Act => ({ kind: "write", file })), ...acts],
  }));

/** The SQL of a hand in the history, for this table. */
export function sqlOf(sql: string, config: Config): string {
  const schemas = typeof config.schemas === "string" ? config.schemas.split(",") : ["public"];
  const schema = String(config.defaultSchema ?? schemas[0]);
  return sql.replaceAll(
    HISTORY,
    `"${schema}"."${String(config.table ?? "flyway_schema_history")}"`,
  );
}
