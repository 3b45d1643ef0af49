/** Random callbacks, which note in what state their session is, and leave something behind in it. */
import { someLeaks } from "./leaks";
import type { Random } from "./random";
import { GATE } from "./scripts";

export interface Callback {
  readonly event: string;
  readonly script: string;
  readonly text: string;
  readonly conf?: string;
  /** It runs inside a migration, and finds what that has set. */
  readonly isInner: boolean;
}

const OUTER = [
  "beforeMigrate",
  "afterMigrate",
  "afterVersioned",
  "beforeRepeatables",
  "afterMigrateApplied",
];
const INNER = [
  "beforeEachMigrate",
  "afterEachMigrate",
  "beforeEachMigrateStatement",
  "afterEachMigrateStatement",
];
const ON_ERROR = ["afterMigrateError", "afterEachMigrateError", "afterEachMigrateStatementError"];
/** Those that surely run, whatever the project is. */
const SURE = [
  "beforeMigrate",
  "afterMigrate",
  "beforeEachMigrate",
  "afterEachMigrate",
  "afterVersioned",
  "afterMigrateApplied",
];
const IN_GROUP = ["afterVersioned", "beforeRepeatables"];

export function someCallbacks(
  random: Random,
  turn: number,
  { group, gate }: { readonly group: boolean; readonly gate: boolean },
): Callback[] {
  const waiting = gate ? random.pick(SURE) : undefined;
  const all = [...OUTER, ...INNER, ...ON_ERROR];
  const chosen = new Set(waiting ? [waiting] : []);
  if (random.chance(0.5)) chosen.add(all[turn % all.length] as string);
  for (let i = chosen.size > 0 ? random.int(0, 3) : 0; i > 0; i--) chosen.add(random.pick(all));
  return [...chosen].map((event) =>
    callback(random, event, turn + event.length, { group, isGate: event === waiting }),
  );
}

function callback(
  random: Random,
  event: string,
  turn: number,
  { group, isGate }: { readonly group: boolean; readonly isGate: boolean },
): Callback {
  const script = `${event}.sql`;
  const isInner = event.includes("EachMigrate");
  const note = `INSERT INTO outside.trace (script, unit, settings) VALUES ('${script}', 0, outside.settings());`;
  const gate = isGate ? [`SELECT pg_advisory_xact_lock(${GATE});`] : [];
  const isOutside =
    OUTER.includes(event) && !isGate && !(group && IN_GROUP.includes(event)) && random.chance(0.3);
  const text = [note, ...gate, ...rest(random, event, turn, isOutside)].join("\n") + "\n";
  return {
    event,
    script,
    text,
    isInner,
    conf: isOutside ? "executeInTransaction=false\n" : undefined,
  };
}

function rest(random: Random, event: string, turn: number, isOutside: boolean): string[] {
  // A failed transaction takes no statement at all, and a failing callback must not hide what failed.
  if (ON_ERROR.includes(event)) return random.chance(0.5) ? ["SELECT 1 / 0;"] : [];
  if (event === "beforeEachMigrate") return random.chance(0.5) ? ["SET app.each = 'on';"] : [];
  if (!OUTER.includes(event)) return [];
  const vacuum = isOutside ? ["VACUUM outside.trace;"] : [];
  return [...vacuum, ...(random.chance(0.5) ? someLeaks(random, turn, event.toLowerCase()) : [])];
}
