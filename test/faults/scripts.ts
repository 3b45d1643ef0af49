/** The kinds of scripts that random projects are made of. */
import type { Random } from "./random";

/** A migration that holds this advisory lock's key waits for whoever else holds it. */
export const GATE = 4242;
/** A table that is there before the first migration, in a schema that is not managed. */
export const BUSY = "outside.busy";

export interface Part {
  readonly statements: string[];
  readonly objects: string[];
  readonly filled: Record<string, number>;
}

/** A script in the making. */
export interface Body {
  readonly name: string;
  readonly units: readonly Part[];
  readonly traced: boolean;
  readonly isTorn?: boolean;
  readonly isOutside?: boolean;
  readonly conf?: string;
  readonly absent: readonly string[];
  /** Before the first unit's trace: a BEGIN. */
  readonly opening: readonly string[];
  /** Puts the units' statements together; without it one follows the other. */
  readonly join?: (units: readonly string[][]) => string[];
  /** Behind all units: what it leaves in its session. */
  readonly ending: string[];
  /** The very end: a COMMIT. */
  readonly closing: readonly string[];
}

const EMPTY = { traced: true, absent: [], opening: [], closing: [] };

export const VACUUM: Body = {
  ...EMPTY,
  name: "vacuum",
  units: [{ statements: ["VACUUM;"], objects: [], filled: {} }],
  traced: false,
  isOutside: true,
  ending: [],
};

const named = (random: Random, prefix: string): string =>
  `${prefix}_${random.int(0, 0xffffff).toString(36)}`;

/** One transaction; now and then with a BEGIN and a COMMIT around it, which the engine's own take the place of. */
export function whole(random: Random): Body {
  const table = named(random, "t");
  const rows = random.int(1, 500);
  const statements = [
    `CREATE TABLE ${table} (id int PRIMARY KEY, kind text);`,
    `INSERT INTO ${table} SELECT n, 'k' || n % 7 FROM generate_series(1, ${rows}) n;`,
  ];
  const objects = [`public.${table}`];
  for (let i = random.int(0, 3); i > 0; i--) {
    const name = named(random, "x");
    const [statement, object] = random.pick([
      [`CREATE INDEX ${name} ON ${table} (kind);`, name],
      [`CREATE VIEW ${name} AS SELECT kind FROM ${table};`, name],
      [`CREATE SEQUENCE ${name};`, name],
      [`DO $$ BEGIN PERFORM pg_sleep(0.01); CREATE TABLE ${name} (id int); END $$;`, name],
      [`SELECT pg_sleep(${random.int(1, 30) / 1000});`, undefined],
      [`SAVEPOINT a; CREATE SEQUENCE ${name}; RELEASE SAVEPOINT a;`, name],
    ] as const);
    statements.push(statement);
    if (object) objects.push(`public.${object}`);
  }
  const absent = random.chance(0.3) ? [named(random, "s")] : [];
  for (const name of absent)
    statements.push(`SAVEPOINT b; CREATE TABLE ${name} (id int); ROLLBACK TO SAVEPOINT b;`);
  const framed = random.chance(0.3);
  return {
    ...EMPTY,
    name: table,
    units: [{ statements, objects, filled: { [`public.${table}`]: rows } }],
    absent: absent.map((name) => `public.${name}`),
    opening: framed && random.chance(0.7) ? [random.pick(["BEGIN;", "START TRANSACTION;"])] : [],
    ending: [],
    closing: framed ? [random.pick(["COMMIT;", "END;", "COMMIT"])] : [],
  };
}

/** COPY sends its data by a protocol of its own: the migration goes in several round trips. */
export function copy(random: Random): Body {
  const table = named(random, "c");
  const rows = random.int(10, 1500);
  const data = Array.from({ length: rows }, (_, n) => `${n}\tvalue ${n}`).join("\n");
  const statements = [
    `CREATE TABLE ${table} (id int PRIMARY KEY, v text);`,
    `COPY ${table} FROM stdin;\n${data}\n\\.`,
    `SELECT pg_sleep(${random.int(0, 10) / 1000});`,
    // Only who follows the setting reads the quote behind the backslash as a part of the text.
    ...(random.chance(0.4)
      ? [`SET standard_conforming_strings = off;`, `SELECT 'it\\'s; one', 1;`]
      : []),
  ];
  return {
    ...EMPTY,
    name: table,
    units: [{ statements, objects: [`public.${table}`], filled: { [`public.${table}`]: rows } }],
    ending: [],
  };
}

/** Tables without a key, so that a script that was stopped half way can be started again. */
function repeatable(random: Random, prefix: string): Part {
  const table = named(random, prefix);
  const rows = random.int(1, 200);
  return {
    statements: [
      `CREATE TABLE IF NOT EXISTS ${table} (id int);`,
      `INSERT INTO ${table} SELECT generate_series(1, ${rows});`,
    ],
    objects: [`public.${table}`],
    filled: { [`public.${table}`]: rows },
  };
}

/** A transactional script that commits in its middle, once or twice. */
export function committing(random: Random): Body {
  const name = named(random, "m");
  return {
    ...EMPTY,
    name,
    units: Array.from({ length: random.int(2, 3) }, () => repeatable(random, "m")),
    isTorn: true,
    join: (units) => {
      const commit = random.pick(["COMMIT;", "COMMIT WORK;", "END;"]);
      const begin = random.chance(0.4) ? ["BEGIN;"] : [];
      return units.flatMap((unit, i) => (i === 0 ? unit : [commit, ...begin, ...unit]));
    },
    ending: [],
  };
}

/** Without a transaction: blocks of its own, of which each is one unit. */
export function outside(random: Random): Body {
  const name = named(random, "o");
  return {
    ...EMPTY,
    name,
    units: Array.from({ length: random.int(1, 3) }, () => repeatable(random, "o")),
    isOutside: true,
    conf: "executeInTransaction=false\n",
    join: (units) => units.flatMap((unit) => ["BEGIN;", ...unit, "COMMIT;"]),
    ending: random.chance(0.3) ? ["DISCARD ALL;"] : [],
  };
}

export function concurrentIndex(random: Random): Body {
  const name = named(random, "i");
  const unique = random.chance(0.3) ? "UNIQUE " : "";
  const lenient = random.chance(0.5) ? "IF NOT EXISTS " : "";
  const on = random.pick(["(id)", "(id, kind DESC)", "(lower(kind), id)", "(id) WHERE kind <> ''"]);
  const statement = `CREATE ${unique}INDEX CONCURRENTLY ${lenient}${name} ON ${BUSY} ${on};`;
  return {
    ...EMPTY,
    name,
    units: [{ statements: [statement], objects: [`outside.${name}`], filled: {} }],
    traced: false,
    isOutside: true,
    ending: [],
  };
}

export function view(random: Random): Body {
  const name = named(random, "v");
  const statement = `CREATE OR REPLACE VIEW ${name} AS SELECT count(*) FROM ${BUSY};`;
  return {
    ...EMPTY,
    name,
    units: [{ statements: [statement], objects: [`public.${name}`], filled: {} }],
    ending: [],
  };
}
