/** Random projects whose every migration leaves traces by which one sees whether, and how often, it ran. */
import { type Callback, someCallbacks } from "./callbacks";
import { SETTINGS, someLeaks } from "./leaks";
import type { Random } from "./random";
import {
  type Body,
  BUSY,
  committing,
  concurrentIndex,
  copy,
  GATE,
  outside,
  VACUUM,
  view,
  whole,
} from "./scripts";

/** What commits together. */
export interface Unit {
  /** Relations that are there once it has run, as schema.name. */
  readonly objects: readonly string[];
  /** Tables that it fills, with how many rows each time. */
  readonly filled: Readonly<Record<string, number>>;
  /** It notes each of its runs, and what the session was when its script began. */
  readonly traced: boolean;
}

export interface Migration {
  readonly script: string;
  readonly text: string;
  /** Of `<script>.conf`. */
  readonly conf?: string;
  /** One transaction; one that COMMIT cuts in pieces; statement by statement, without one. */
  readonly kind: "whole" | "committing" | "outside";
  readonly units: readonly Unit[];
  /** Relations that are never there: a savepoint takes them back. */
  readonly absent: readonly string[];
}

export interface Project {
  /** In the order in which they run. */
  readonly migrations: readonly Migration[];
  readonly callbacks: readonly Callback[];
  readonly group: boolean;
}

export interface Wishes {
  /** Where a migration, or a callback, waits at the gate. */
  readonly gate?: "whole" | "committing" | "outside" | "callback";
  /** There is a CREATE INDEX CONCURRENTLY on BUSY. */
  readonly index?: boolean;
  /** What alters BUSY: one transaction, or a script after a COMMIT of its own. */
  readonly busy?: "whole" | "committing";
}

/** Not in a managed schema: for the migrator the database is empty. */
export const PREPARE = `CREATE SCHEMA outside; CREATE TABLE ${BUSY} (id int, kind text);
  INSERT INTO ${BUSY} SELECT n, 'k' || n FROM generate_series(1, 2000) n;
  CREATE TABLE outside.trace (id int GENERATED ALWAYS AS IDENTITY, script text NOT NULL, unit int NOT NULL,
    pid int NOT NULL DEFAULT pg_backend_pid(), settings jsonb);
  GRANT USAGE ON SCHEMA outside TO PUBLIC; GRANT INSERT ON outside.trace TO PUBLIC; ${SETTINGS}`;

/** @param turn goes round the things that every run of seeds shall have once: leaks, callbacks */
export function makeProject(random: Random, wishes: Wishes, turn = random.int(0, 1000)): Project {
  const isOutside = wishes.index || wishes.gate === "outside";
  const group = !isOutside && random.chance(0.25);
  const bodies = someBodies(random, wishes, group);
  const repeatable = random.chance(0.7) ? [view(random)] : [];
  const callbacks = someCallbacks(random, turn, { group, gate: wishes.gate === "callback" });
  const hasInner = callbacks.some(({ isInner }) => isInner);
  for (const body of bodies) if (random.chance(0.6)) leak(random, body, turn++, hasInner);
  return {
    group,
    callbacks,
    migrations: [
      ...bodies.map((body, i) => finish(`V${i + 1}__${body.name}.sql`, body)),
      ...repeatable.map((body) => finish(`R__${body.name}.sql`, body)),
    ],
  };
}

function someBodies(random: Random, wishes: Wishes, group: boolean): Body[] {
  const wholes = Array.from({ length: random.int(1, 4) }, () => whole(random));
  const copied = random.chance(0.5) ? [copy(random)] : [];
  const torn = needs(wishes, "committing") || random.chance(0.3) ? [committing(random)] : [];
  const own = needs(wishes, "outside") || (!group && random.chance(0.3)) ? [outside(random)] : [];
  const index = wishes.index || (!group && random.chance(0.3)) ? [concurrentIndex(random)] : [];
  const vacuum = !group && random.chance(0.2) ? [VACUUM] : [];
  const place = {
    whole: random.pick([...wholes, ...copied]),
    committing: torn[0],
    outside: own[0],
  };
  if (wishes.busy)
    put(random, place[wishes.busy], `ALTER TABLE ${BUSY} ADD COLUMN IF NOT EXISTS more int;`);
  if (wishes.gate && wishes.gate !== "callback")
    put(random, place[wishes.gate], `SELECT pg_advisory_xact_lock(${GATE});`);
  return shuffle(random, [...wholes, ...copied, ...torn, ...own, ...index, ...vacuum]);
}

const needs = ({ gate, busy }: Wishes, kind: string): boolean => gate === kind || busy === kind;

/** Between two statements of the script's last unit: what was committed before stays whatever happens then. */
function put(random: Random, body: Body | undefined, statement: string): void {
  const statements = body?.units.at(-1)?.statements;
  if (statements) statements.splice(random.int(1, statements.length), 0, statement);
}

/** Of what a script without a transaction leaves, callbacks behind it see all but role and path: none could write then. */
function leak(random: Random, body: Body, turn: number, hasInner: boolean): void {
  if (!body.traced) return;
  const isHeld = body.isOutside && hasInner;
  const chosen = someLeaks(random, turn, body.name);
  body.ending.push(...chosen.filter((text) => !(isHeld && text.includes("read_only"))));
}

function finish(script: string, body: Body): Migration {
  const { units, ending, opening, isTorn, conf, absent, traced } = body;
  const texts = units.map(({ statements }, unit) => [
    ...(traced ? [trace(script, unit)] : []),
    ...statements,
  ]);
  const pieces = body.join ? body.join(texts) : texts.flat();
  const text = [...opening, ...pieces, ...ending, ...body.closing].join("\n") + "\n";
  return {
    script,
    text,
    conf,
    kind: isTorn ? "committing" : body.isOutside ? "outside" : "whole",
    units: units.map(({ objects, filled }) => ({ objects, filled, traced })),
    absent,
  };
}

/** @returns a statement that notes that the unit has run */
export const trace = (script: string, unit: number): string =>
  `INSERT INTO outside.trace (script, unit, settings) VALUES ('${script}', ${unit}, ${unit === 0 ? "outside.settings()" : "NULL"});`;

function shuffle<T>(random: Random, list: T[]): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.int(0, i);
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}
