import { escapeIdentifier } from "pg";

import type { EventSink } from "../core/events";
import type { EngineOptions } from "../core/options";
import type { PlanStep } from "../core/plan";
import type { DatabaseSnapshot } from "../core/snapshot";
import { createHistorySql, type HistoryTable, insertRowSql } from "../postgres/schema-history";
import { qualified, type Session } from "../postgres/session";
import { openingFailure } from "./failures";

export interface OpeningContext {
  readonly session: Session;
  readonly history: HistoryTable;
  readonly options: EngineOptions;
  readonly emit: EventSink;
  readonly snapshot: Pick<DatabaseSnapshot, "applied">;
}

/**
 * Schemas, history table and baseline: one transaction.
 * @param rank of the first row that is written
 * @returns the rank of the next one
 * @throws TidemarkError where nothing could be written.
 */
export async function runOpening(
  steps: readonly PlanStep[],
  context: OpeningContext,
  rank: number,
): Promise<number> {
  const opening = new Opening(context, rank);
  const statements = steps.flatMap((step) => opening.sql(step));
  if (statements.length > 0) await opening.run(statements);
  for (const step of steps) opening.announce(step);
  return opening.rank;
}

class Opening {
  rank: number;
  readonly #context: OpeningContext;

  constructor(context: OpeningContext, rank: number) {
    this.#context = context;
    this.rank = rank;
  }

  sql(step: PlanStep): string[] {
    const { history, options } = this.#context;
    switch (step.kind) {
      case "createSchemas":
        return step.schemas.map((schema) => `CREATE SCHEMA ${escapeIdentifier(schema)}`);
      case "createHistory":
        return [createHistorySql(history, options.tablespace)];
      case "baseline":
        return [this.#baselineRow(step)];
      case "schemaMarker":
        return [this.#markerRow(step.schemas)];
      case "adoptHistory":
      case "apply":
        return [];
    }
  }

  #baselineRow({ version, description }: { version: string; description: string }): string {
    return this.#row("BASELINE", version, description, description, this.rank++);
  }

  #markerRow(schemas: readonly string[]): string {
    const script = schemas.map((schema) => escapeIdentifier(schema)).join(",");
    // Flyway gives the mark rank 0 where it is the table's first row.
    const isFirst = this.rank === 1 && this.#context.snapshot.applied.length === 0;
    const rank = isFirst ? 0 : this.rank++;
    return this.#row("SCHEMA", null, "<< Flyway Schema Creation >>", script, rank);
  }

  #row(
    type: "BASELINE" | "SCHEMA",
    version: string | null,
    description: string,
    script: string,
    rank: number,
  ): string {
    const { session, history, options } = this.#context;
    const { installedBy } = options;
    const row = { version, description, type, script, checksum: null, installedBy, success: true };
    return insertRowSql(session, history, row, rank, 0);
  }

  async run(statements: readonly string[]): Promise<void> {
    const { session, history } = this.#context;
    try {
      await session.runScript(["BEGIN", ...statements, "COMMIT"].join(";\n"));
    } catch (error) {
      await session.rollback();
      throw openingFailure(error, history);
    }
  }

  announce(step: PlanStep): void {
    const { emit, history } = this.#context;
    const table = qualified(history.schema, history.table);
    if (step.kind === "createSchemas") emit({ kind: "schemasCreated", schemas: step.schemas });
    if (step.kind === "createHistory") emit({ kind: "historyCreated", table });
    if (step.kind === "adoptHistory") emit({ kind: "historyAdopted", table });
    if (step.kind === "baseline") emit({ ...step, kind: "baselined" });
  }
}
