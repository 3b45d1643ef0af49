/** Random sequences of file edits and commands on one database, against a small model of history and refusals. */
import assert from "node:assert/strict";

import fc from "fast-check";

import { checksum } from "../../engine/core/checksum";
import { TidemarkError } from "../../engine/core/errors";
import { historyOf, type Scenario, withScenario } from "../support/migrator";

const RUNS = Number(process.env.TIDEMARK_MODEL_RUNS ?? 15);
const SEED = Number(process.env.TIDEMARK_MODEL_SEED ?? 1);

/** A version for a versioned migration, a letter for a repeatable one. */
type Name = number | string;

type Act =
  | { readonly kind: "put"; readonly name: Name; readonly variant: number }
  | { readonly kind: "delete"; readonly name: Name }
  | { readonly kind: "baseline"; readonly version: number }
  | { readonly kind: "migrate" | "repair" };

interface Row {
  readonly name: Name;
  readonly type: "SQL" | "BASELINE" | "DELETE";
  /** Of the text; undefined: a baseline has none. */
  variant: number | undefined;
  deleted: boolean;
}

const scriptOf = (name: Name): string =>
  typeof name === "number" ? `V${name}__m.sql` : `R__${name}.sql`;
const textOf = (name: Name, variant: number): string =>
  `INSERT INTO outside.ran VALUES ('${name}', ${variant});`;

const isVersion = (name: Name): name is number => typeof name === "number";
const byName = (a: Name, b: Name): number => (a < b ? -1 : 1);

class Model {
  readonly files = new Map<Name, number>();
  readonly rows: Row[] = [];
  /** All that has ever run, in order. */
  readonly ran: string[] = [];

  /** The row that counts for a name: a version's that is not deleted, a repeatable's newest. */
  #current(name: Name): Row | undefined {
    const row = this.rows.findLast(
      (r) => r.name === name && (!isVersion(name) || r.type !== "DELETE"),
    );
    return row?.deleted ? undefined : row;
  }

  get #lastApplied(): number {
    const counting = this.rows.filter((r) => !r.deleted && r.type !== "DELETE");
    return Math.max(-1, ...counting.map((r) => r.name).filter(isVersion));
  }

  get #baseline(): number {
    const row = this.rows.find((r) => r.type === "BASELINE");
    return row ? Number(row.name) : -1;
  }

  /** Rows that stand without their file; what lies above all files is of the future, and let pass. */
  #missing(): Row[] {
    const last = Math.max(-1, ...[...this.files.keys()].filter(isVersion));
    return this.rows.filter(
      (r) =>
        r.type === "SQL" &&
        this.#current(r.name) === r &&
        !this.files.has(r.name) &&
        (!isVersion(r.name) || r.name < last),
    );
  }

  /** The error's code; undefined: it succeeds. */
  migrate(): string | undefined {
    const late = (name: Name): boolean =>
      isVersion(name) &&
      name > this.#baseline &&
      name < this.#lastApplied &&
      this.#current(name) === undefined;
    const isChanged = (name: Name, variant: number): boolean => {
      const row = isVersion(name) ? this.#current(name) : undefined;
      return row?.type === "SQL" && row.variant !== variant;
    };
    const isRefused =
      this.#missing().length > 0 ||
      [...this.files].some(([name, variant]) => late(name) || isChanged(name, variant));
    if (isRefused) return "VALIDATE_ERROR";
    const last = this.#lastApplied;
    const names = [...this.files.keys()];
    const versions = names.filter(isVersion).filter((name) => name > last);
    versions.sort((a, b) => a - b);
    const views = names.filter((name) => {
      const row = this.#current(name);
      return !isVersion(name) && (row?.type !== "SQL" || row.variant !== this.files.get(name));
    });
    for (const name of [...versions, ...views.sort(byName)]) {
      const variant = this.files.get(name);
      this.rows.push({ name, type: "SQL", variant, deleted: false });
      this.ran.push(`${name} ${variant}`);
    }
    return undefined;
  }

  baseline(version: number): string | undefined {
    if (this.rows.length === 0)
      this.rows.push({ name: version, type: "BASELINE", variant: undefined, deleted: false });
    const [first] = this.rows;
    return first?.type === "BASELINE" && first.name === version ? undefined : "ERROR";
  }

  repair(): undefined {
    for (const row of this.#missing()) {
      row.deleted = true;
      this.rows.push({ ...row, type: "DELETE", deleted: false });
    }
    for (const row of this.rows) {
      const variant = this.files.get(row.name);
      if (row.type === "SQL" && isVersion(row.name) && variant !== undefined) row.variant = variant;
    }
  }

  get history(): readonly unknown[] {
    return this.rows.map(({ name, type, variant }, i) => ({
      rank: i + 1,
      version: isVersion(name) ? String(name) : null,
      type,
      checksum: variant === undefined ? null : checksum(textOf(name, variant)),
      success: true,
    }));
  }
}

const names: fc.Arbitrary<Name> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }) },
  { weight: 1, arbitrary: fc.constantFrom("a", "b") },
);
const acts: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("put" as const), name: names, variant: fc.nat(2) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), name: names }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("baseline" as const),
      version: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("migrate" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("repair" as const) }) },
);

async function perform(act: Act, model: Model, scenario: Scenario): Promise<void> {
  switch (act.kind) {
    case "put":
      model.files.set(act.name, act.variant);
      return scenario.write({ [scriptOf(act.name)]: textOf(act.name, act.variant) });
    case "delete":
      if (model.files.delete(act.name)) await scenario.remove(scriptOf(act.name));
      return;
    case "migrate":
      return assert.equal(await codeOf(scenario.migrator().migrate()), model.migrate());
    case "baseline": {
      const migrator = scenario.migrator({ baselineVersion: String(act.version) });
      return assert.equal(await codeOf(migrator.baseline()), model.baseline(act.version));
    }
    case "repair":
      return assert.equal(await codeOf(scenario.migrator().repair()), model.repair());
  }
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof TidemarkError) return error.code;
    throw error;
  }
}

async function compare(sequence: readonly Act[]): Promise<void> {
  await withScenario({}, async (scenario) => {
    const { client } = scenario.db;
    await client.query("CREATE SCHEMA outside; CREATE TABLE outside.ran (name text, variant int)");
    const model = new Model();
    for (const act of sequence) {
      await perform(act, model, scenario);
      const history = (await historyOf(scenario.db)) ?? [];
      assert.deepEqual(
        history.map(({ installed_rank: rank, version, type, checksum, success }) => {
          return { rank, version, type, checksum, success };
        }),
        model.history,
      );
      const { rows } = await client.query<{ name: string; variant: number }>(
        "SELECT name, variant FROM outside.ran ORDER BY ctid",
      );
      assert.deepEqual(
        rows.map(({ name, variant }) => `${name} ${variant}`),
        model.ran,
      );
    }
  });
}

describe("engine against a model", () => {
  it(`any sequence of edits and commands leaves the history that the model says: ${RUNS} of seed ${SEED}`, async function () {
    this.timeout(60_000 + RUNS * 2000);
    const sequences = fc.array(acts, { minLength: 6, maxLength: 12 });
    await fc.assert(fc.asyncProperty(sequences, compare), { numRuns: RUNS, seed: SEED });
  });
});
