import { isDeepStrictEqual } from "node:util";

import type { GoldenCase, GoldenMigration, GoldenStep } from "./corpus";
import type { StepResult } from "./run-case";

/** One thing in which a step differs from what Flyway did. */
export interface Difference {
  /** Index of the step. */
  readonly step: number;
  readonly what: string;
  readonly flyway: unknown;
  readonly ours: unknown;
}

/** Of which version the golden results are: PostgreSQL 16 began to print the definitions of views another way. */
export const GOLDEN_MAJOR = 15;

/** All differences of a case, over all steps. */
export function compareCase(
  golden: GoldenCase,
  results: readonly StepResult[],
  serverMajor: number,
): Difference[] {
  return golden.steps.flatMap((expected, step) => {
    const actual = results[step];
    if (!actual) return [{ step, what: "step", flyway: expected.kind, ours: undefined }];
    return compareStep(expected, actual, serverMajor).map((difference) => ({
      step,
      ...difference,
    }));
  });
}

type Found = Omit<Difference, "step">;

function compareStep(golden: GoldenStep, result: StepResult, serverMajor: number): Found[] {
  return [
    ...compareState(golden, result, serverMajor),
    ...(golden.kind === "flyway" ? compareOutcome(golden, result) : []),
  ];
}

function compareOutcome(golden: GoldenStep, { exitCode, timedOut, report }: StepResult): Found[] {
  const exit = timedOut ? "timeout" : exitCode === 0 ? "ok" : "failed";
  const found: Found[] = difference("exit", golden.exit, exit);
  if (exit === "failed" && golden.exit === "failed") {
    const error = report?.error as { code?: string } | undefined;
    found.push(...difference("errorCode", golden.errorCode, error?.code));
    if (golden.invalidMigrations)
      found.push(...difference("invalidMigrations", invalidOf(golden), problemsOf(report)));
  }
  if (exit !== "ok" || golden.exit !== "ok" || !golden.result) return found;
  const { migrations, schemaVersion, migrationsExecuted } = golden.result;
  if (migrations && report?.command === "info")
    found.push(...difference("info", migrations, infoOf(report)));
  if (schemaVersion !== undefined)
    found.push(...difference("schemaVersion", schemaVersion, report?.schemaVersion));
  if (migrationsExecuted !== undefined) {
    found.push(
      ...difference(
        "migrationsExecuted",
        migrationsExecuted,
        (report?.applied as unknown[]).length,
      ),
    );
  }
  return found;
}

function compareState(golden: GoldenStep, result: StepResult, serverMajor: number): Found[] {
  const comparable = (part: string, value: unknown): unknown =>
    part === "views" && serverMajor !== GOLDEN_MAJOR ? kindsOfViews(value) : value;
  return Object.entries(golden.state ?? {}).flatMap(([database, expected]) =>
    Object.entries(expected).flatMap(([part, value]) =>
      difference(
        `${database}.${part}`,
        comparable(part, value),
        comparable(part, result.state[database]?.[part]),
      ),
    ),
  );
}

function kindsOfViews(views: unknown): unknown {
  return Object.entries((views ?? {}) as Record<string, { kind: string }>).map(
    ([name, { kind }]) => [name, kind],
  );
}

function difference(what: string, flyway: unknown, ours: unknown): Found[] {
  return isDeepStrictEqual(flyway, ours) ? [] : [{ what, flyway, ours }];
}

function invalidOf({ invalidMigrations = [] }: GoldenStep): unknown[] {
  return invalidMigrations.map(({ version, description, errorCode }) => ({
    version: version || null,
    description: description ?? "",
    errorCode,
  }));
}

function problemsOf(report: StepResult["report"]): unknown[] {
  const problems = (report?.problems ?? []) as {
    code: string;
    version: string | null;
    description: string;
  }[];
  return problems.map(({ version, description, code }) => ({
    version,
    description,
    errorCode: code,
  }));
}

function infoOf(report: StepResult["report"]): unknown[] {
  return (report?.migrations as (GoldenMigration & { state: string })[]).map(
    ({ category, version, description, type, state }) => ({
      category,
      version,
      description,
      type,
      state,
    }),
  );
}
