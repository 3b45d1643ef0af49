import { columnRelation, containersOf, kindOf, OBJECT_KINDS, subjectOf } from "./identity";

/** One difference between the schema as recorded and the schema as it is. */
export interface Drift {
  readonly change: "added" | "removed" | "changed";
  /** The identity of the object, in plain words. */
  readonly object: string;
}

type Entries = Readonly<Record<string, string>>;
type Changes = ReadonlyMap<string, Drift["change"]>;

/**
 * Names what differs between two catalogs, or between the digests of two catalogs.
 *
 * What goes without saying is left out: of a table that came or went only the table is named, not its columns,
 * constraints, indexes and grants; likewise of a schema; and no column order where columns came or went.
 *
 * @param recorded what was recorded
 * @param live the same, of the live database
 * @returns ordered by kind (containers first), then by name
 */
export function compareCatalogs(recorded: Entries, live: Entries): Drift[] {
  const changes = differences(recorded, live);
  const reshaped = new Set(
    [...changes].flatMap(([object, change]) =>
      change !== "changed" && kindOf(object) === "column" && subjectOf(object) === undefined
        ? [columnRelation(object)]
        : [],
    ),
  );
  return [...changes]
    .filter(([object, change]) => !isImplied(object, change, changes))
    .filter(
      ([object]) => kindOf(object) !== "column order of" || !reshaped.has(columnRelation(object)),
    )
    .map(([object, change]) => ({ change, object }))
    .sort(byKindThenName);
}

function differences(recorded: Entries, live: Entries): Changes {
  const changes = new Map<string, Drift["change"]>();
  for (const [object, definition] of Object.entries(recorded)) {
    if (!Object.hasOwn(live, object)) changes.set(object, "removed");
    else if (live[object] !== definition) changes.set(object, "changed");
  }
  for (const object of Object.keys(live)) {
    if (!Object.hasOwn(recorded, object)) changes.set(object, "added");
  }
  return changes;
}

function isImplied(object: string, change: Drift["change"], changes: Changes): boolean {
  if (change === "changed") return false;
  return containersOf(object).some(
    (container) => changes.get(container) === change || isImplied(container, change, changes),
  );
}

function byKindThenName(a: Drift, b: Drift): number {
  return rank(a.object) - rank(b.object) || (a.object < b.object ? -1 : 1);
}

/** Comments and grants come after all objects: they are the first to fall to the limit of a report. */
function rank(object: string): number {
  const kind = kindOf(object);
  const base = kind === undefined ? OBJECT_KINDS.length : OBJECT_KINDS.indexOf(kind);
  if (subjectOf(object) === undefined) return base;
  return base + (object.startsWith("comment ") ? 2000 : 1000);
}

/**
 * @param limit how many differences are named before the rest is only counted
 * @returns for example `column public.users.nickname added; index public.a_idx on public.a removed; 12 more`
 */
export function describeDrift(drifts: readonly Drift[], limit = 10): string {
  if (drifts.length === 0) return "no drift";
  const named = drifts.slice(0, limit).map(({ change, object }) => `${object} ${change}`);
  const more = drifts.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join("; ");
}
