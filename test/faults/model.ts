/**
 * What must be true of a database whatever has happened to the runs on it: pure functions from a project and what was
 * read to a list of problems; an empty list is the verdict "as it must be".
 */
import { leaks } from "./leaks";
import type { Migration, Project } from "./project";

export interface HistoryRow {
  readonly rank: number;
  readonly script: string;
  readonly success: boolean;
}

/** One run of one unit of a script, or of a callback; it commits, or not, with what the unit does. */
export interface Trace {
  readonly script: string;
  /** 0 is where a script starts. */
  readonly unit: number;
  /** The server process that ran it. */
  readonly pid: number;
  /** Of unit 0: what the session's settings were then. */
  readonly settings: Readonly<Record<string, string>> | null;
}

export interface State {
  /** By rank; null: there is no history. */
  readonly history: readonly HistoryRow[] | null;
  /** In the order in which they were written. */
  readonly traces: readonly Trace[];
  /** Relations as schema.name; false: an INVALID index. */
  readonly relations: ReadonlyMap<string, boolean>;
  /** Rows of the tables that are there. */
  readonly rows: ReadonlyMap<string, number>;
}

/**
 * A success row exists if and only if the script's effect does, exactly once: holds at every moment of every run.
 * @param attempts how many runs may have started a script that commits half way; each starts it from its beginning
 */
export function disagreements(project: Project, state: State, attempts: number): string[] {
  const recorded = recordedScripts(state);
  return [
    ...historyProblems(project, state, recorded),
    ...project.migrations.flatMap((migration, index) => [
      ...countProblems(migration, recorded.includes(migration.script), state, attempts),
      ...effectProblems(migration, recorded.includes(migration.script), state),
      ...(migration.kind === "committing" ? unrecorded(migration, state) : []),
      ...(index > recorded.length ? startedTooEarly(migration, state) : []),
    ]),
    ...callbackProblems(project, state, recorded.length),
    ...leaks(project, state.traces),
  ];
}

const recordedScripts = ({ history }: State): string[] =>
  (history ?? []).filter((row) => row.success).map((row) => row.script);

function historyProblems(
  { migrations, group }: Project,
  { history }: State,
  recorded: readonly string[],
): string[] {
  const rows = history ?? [];
  const scripts = migrations.map(({ script }) => script);
  const failed = rows.filter((row) => !row.success).map((row) => row.script);
  const stopped = migrations[recorded.length];
  const mayFail = stopped && stopped.kind !== "whole" ? [stopped.script] : [];
  const boundaries = group
    ? groupBoundaries(migrations)
    : scripts.map((_, i) => i).concat(scripts.length);
  return [
    ...problem(
      recorded.join() !== scripts.slice(0, recorded.length).join(),
      `recorded out of order or twice: ${recorded.join()}`,
    ),
    ...problem(
      rows.some((row, i) => row.rank !== i + 1),
      `ranks: ${rows.map((row) => row.rank).join()}`,
    ),
    ...problem(
      failed.length > 1 || failed.some((script) => !mayFail.includes(script)),
      `failed rows: ${failed.join()}`,
    ),
    ...problem(!boundaries.includes(recorded.length), `a group was torn: ${recorded.join()}`),
  ];
}

/** With how many recorded migrations a group may be found: none, all, or those before a script that commits half way. */
export function groupBoundaries(migrations: readonly Migration[]): number[] {
  const torn = migrations.flatMap(({ kind }, index) => (kind === "committing" ? [index] : []));
  return [0, ...torn, migrations.length];
}

/** How often each unit of a script has run that leaves a trace. */
function countsOf({ script, units }: Migration, { traces }: State): number[] {
  return units.flatMap(({ traced }, unit) =>
    traced ? [traces.filter((trace) => trace.script === script && trace.unit === unit).length] : [],
  );
}

function countProblems(
  migration: Migration,
  isRecorded: boolean,
  state: State,
  attempts: number,
): string[] {
  const counts = countsOf(migration, state);
  if (counts.length === 0) return [];
  const { script, kind } = migration;
  const said = `${script} (${kind}) is ${isRecorded ? "" : "not "}recorded; its units ran ${counts.join("/")} times`;
  if (kind === "whole")
    return problem(
      counts.some((n) => n !== Number(isRecorded)),
      said,
    );
  const last = counts.at(-1) ?? 0;
  return problem(
    counts.some((n, i) => n > (counts[i - 1] ?? attempts)) ||
      (isRecorded && last === 0) ||
      (kind === "committing" && last !== Number(isRecorded)),
    said,
  );
}

/** What each unit makes is there as often as the unit ran; what a savepoint took back never is. */
function effectProblems(migration: Migration, isRecorded: boolean, state: State): string[] {
  const { script, units, absent } = migration;
  const counts = countsOf(migration, state);
  const found = absent.filter((name) => state.relations.has(name));
  return [
    ...problem(
      found.length > 0,
      `${script}: rolled back to a savepoint, and there: ${found.join()}`,
    ),
    ...units.flatMap(({ objects, filled, traced }, unit) => {
      if (!traced && !isRecorded) return []; // an index may be there, or be there in part
      const count = traced ? (counts[unit] ?? 0) : 1;
      return [
        ...objects.flatMap((name) =>
          problem(
            count > 0 ? state.relations.get(name) !== true : state.relations.has(name),
            `${script}: unit ${unit} ran ${count} times, and ${name} is ${describe(state.relations.get(name))}`,
          ),
        ),
        ...Object.entries(filled).flatMap(([table, rows]) =>
          problem(
            (state.rows.get(table) ?? 0) !== rows * count,
            `${script}: unit ${unit} ran ${count} times, and ${table} has ${state.rows.get(table) ?? 0} rows, not ${rows * count}`,
          ),
        ),
      ];
    }),
  ];
}

const describe = (valid: boolean | undefined): string =>
  valid === undefined ? "not there" : valid ? "there" : "INVALID";

function startedTooEarly(migration: Migration, state: State): string[] {
  return problem(
    countsOf(migration, state).some((n) => n > 0),
    `${migration.script} has run before the one in front of it was recorded`,
  );
}

/** Where every script is whole, the callbacks of its transaction are committed with it: as many as success rows. */
function callbackProblems(
  { migrations, callbacks }: Project,
  { traces }: State,
  recorded: number,
): string[] {
  const isWhole = migrations.every(({ kind }) => kind === "whole");
  return ["beforeEachMigrate", "afterEachMigrate"].flatMap((event) => {
    const callback = callbacks.find((each) => each.event === event);
    if (!callback) return [];
    const count = traces.filter(({ script }) => script === callback.script).length;
    return problem(
      isWhole ? count !== recorded : count < recorded,
      `${event} ran ${count} times for ${recorded} migrations`,
    );
  });
}

/** After a run that failed while its connection was good: what a script has committed has a row that says it failed. */
export function unrecordedCommits({ migrations }: Project, state: State): string[] {
  return migrations.flatMap((migration) => unrecorded(migration, state));
}

/** A COMMIT in a transactional script takes the row along, so that for these it holds at every moment. */
function unrecorded(migration: Migration, state: State): string[] {
  const rows = (state.history ?? []).map(({ script }) => script);
  const counts = countsOf(migration, state);
  return problem(
    !rows.includes(migration.script) && counts.some((n) => n > 0),
    `${migration.script} has committed something (${counts.join("/")}), and has no row`,
  );
}

/** After the run that completed: everything is recorded, and what ran in it ran once, from its first statement. */
export function recoveryProblems(project: Project, before: State, after: State): string[] {
  const { migrations } = project;
  const recorded = recordedScripts(before);
  const expected = migrations.map(({ script }, i) => `${i + 1} ${script} true`);
  const rows = (after.history ?? []).map(
    ({ rank, script, success }) => `${rank} ${script} ${success}`,
  );
  const invalid = [...after.relations].filter(([, valid]) => !valid).map(([name]) => name);
  return [
    ...problem(rows.join() !== expected.join(), `the history is ${rows.join()}`),
    ...problem(invalid.length > 0, `INVALID: ${invalid.join()}`),
    ...migrations.flatMap((migration) => {
      const again = recorded.includes(migration.script) ? 0 : 1;
      const wanted = countsOf(migration, before).map((n) => n + again);
      const counts = countsOf(migration, after);
      return problem(
        wanted.join() !== counts.join(),
        `${migration.script}: units ran ${counts.join("/")} times in all, not ${wanted.join("/")}`,
      );
    }),
    ...disagreements(project, after, Infinity),
  ];
}

/** After a run that was refused: nothing is written. */
export function writtenProblems(state: State): string[] {
  const made = [...state.relations.keys()].filter((name) => name.startsWith("public."));
  return [
    ...problem(state.traces.length > 0, `ran: ${state.traces.map((t) => t.script).join()}`),
    ...problem(made.length > 0, `made: ${made.join()}`),
  ];
}

function problem(is: boolean, text: string): string[] {
  return is ? [text] : [];
}
