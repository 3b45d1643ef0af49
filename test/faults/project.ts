/** Random projects whose every migration leaves traces by which one sees whether, and how often, it ran. */
import type { Random } from "./random";

/** A migration that holds this advisory lock's key waits for whoever else holds it. */
export const GATE = 4242;
/** A table that is there before the first migration, in a schema that is not managed. */
export const BUSY = "outside.busy";

export interface Migration {
  readonly script: string;
  readonly text: string;
  readonly transactional: boolean;
  /** Relations that are there once it has run, as schema.name. */
  readonly objects: readonly string[];
  /** Tables that it fills, with how many rows. */
  readonly filled: Readonly<Record<string, number>>;
}

export interface Project {
  /** In the order in which they run. */
  readonly migrations: readonly Migration[];
  readonly group: boolean;
}

export interface Wishes {
  /** One of the migrations waits at the gate, between two statements. */
  readonly gate?: boolean;
  /** There is a CREATE INDEX CONCURRENTLY on BUSY. */
  readonly index?: boolean;
  /** One of the migrations alters BUSY. */
  readonly busy?: boolean;
}

export function makeProject(random: Random, wishes: Wishes): Project {
  const group = !wishes.index && random.chance(0.25);
  const count = random.int(2, 5);
  const bodies = Array.from({ length: count }, () => transactional(random));
  const copied = random.chance(0.6) ? [copy(random)] : [];
  const place = random.pick([...bodies, ...copied]);
  if (wishes.busy) insert(random, place, `ALTER TABLE ${BUSY} ADD COLUMN more int;`);
  if (wishes.gate) insert(random, place, `SELECT pg_advisory_xact_lock(${GATE});`);
  const index = wishes.index || (!group && random.chance(0.4)) ? [concurrentIndex(random)] : [];
  const vacuum = !group && random.chance(0.3) ? [VACUUM] : [];
  const versioned = [FIRST, ...shuffle(random, [...bodies, ...copied, ...index, ...vacuum])];
  const repeatable = random.chance(0.7) ? [view(random)] : [];
  return {
    group,
    migrations: [
      ...versioned.map((body, i) => finish(`V${i + 1}__${body.name}.sql`, body)),
      ...repeatable.map((body) => finish(`R__${body.name}.sql`, body)),
    ],
  };
}

interface Body {
  readonly name: string;
  readonly statements: string[];
  readonly outside?: boolean;
  readonly objects: string[];
  readonly filled: Record<string, number>;
}

const FIRST: Body = {
  name: "log",
  statements: ["CREATE TABLE log (script text NOT NULL);"],
  objects: ["public.log"],
  filled: {},
};

const VACUUM: Body = {
  name: "vacuum",
  statements: ["VACUUM;"],
  outside: true,
  objects: [],
  filled: {},
};

const named = (random: Random, prefix: string): string =>
  `${prefix}_${random.int(0, 0xffffff).toString(36)}`;

function transactional(random: Random): Body {
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
    ] as const);
    statements.push(statement);
    if (object) objects.push(`public.${object}`);
  }
  return { name: table, statements, objects, filled: { [`public.${table}`]: rows } };
}

/** COPY sends its data by a protocol of its own: the migration goes in several round trips. */
function copy(random: Random): Body {
  const table = named(random, "c");
  const rows = random.int(10, 1500);
  const data = Array.from({ length: rows }, (_, n) => `${n}\tvalue ${n}`).join("\n");
  const statements = [
    `CREATE TABLE ${table} (id int PRIMARY KEY, v text);`,
    `COPY ${table} FROM stdin;\n${data}\n\\.`,
    `SELECT pg_sleep(${random.int(0, 10) / 1000});`,
  ];
  return {
    name: table,
    statements,
    objects: [`public.${table}`],
    filled: { [`public.${table}`]: rows },
  };
}

function concurrentIndex(random: Random): Body {
  const name = named(random, "i");
  const unique = random.chance(0.3) ? "UNIQUE " : "";
  const lenient = random.chance(0.5) ? "IF NOT EXISTS " : "";
  const on = random.pick(["(id)", "(id, kind DESC)", "(lower(kind), id)", "(id) WHERE kind <> ''"]);
  const statement = `CREATE ${unique}INDEX CONCURRENTLY ${lenient}${name} ON ${BUSY} ${on};`;
  return { name, statements: [statement], outside: true, objects: [`outside.${name}`], filled: {} };
}

function view(random: Random): Body {
  const name = named(random, "v");
  const statement = `CREATE OR REPLACE VIEW ${name} AS SELECT count(*) FROM log;`;
  return { name, statements: [statement], objects: [`public.${name}`], filled: {} };
}

function insert(random: Random, body: Body, statement: string): void {
  body.statements.splice(random.int(0, body.statements.length), 0, statement);
}

function finish(script: string, { statements, outside = false, objects, filled }: Body): Migration {
  const log = outside ? [] : [`INSERT INTO log VALUES ('${script}');`];
  const text = [...statements, ...log].join("\n") + "\n";
  return { script, text, transactional: !outside, objects, filled };
}

function shuffle<T>(random: Random, list: T[]): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.int(0, i);
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}
