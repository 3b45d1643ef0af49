import { newerSyntax, shownRefusal } from "../analysis/newer-syntax";
import { loadParser, type Parsed } from "../analysis/parser";
import { PositionTracker } from "../analysis/position";
import { splitStatements, type Statement } from "../analysis/split";
import { changesRows, findDataStatements } from "./data-statements";
import { findDataKeywords } from "./do-body";
import { type LintText, lintText, type PlaceholderSyntax } from "./lint-text";
import type { LintProblem, UnlocatedProblem } from "./problem";
import { checkTransactionControl, type TransactionOptions } from "./transaction-control";

export interface LintInput {
  /** Name of the script, for the problems. */
  script: string;
  /** The text of its file. */
  sql: string;
  /** May it change rows? Its syntax is checked all the same. */
  exempt: boolean;
  /** How placeholders are written, default as Flyway's; null: they are not replaced. */
  placeholders?: PlaceholderSyntax | null;
  /** Values of placeholders by lower-cased name, as far as they are known. */
  values?: ReadonlyMap<string, string>;
  /** What decides whether it runs in a transaction, besides its statements. */
  transaction?: TransactionOptions;
}

const FLYWAY_SYNTAX: PlaceholderSyntax = { prefix: "${", suffix: "}" };

/**
 * Checks one script: each statement parses (by PostgreSQL 18's own parser; an older server may know less, and what a
 * newer one knows is passed over with a warning), none changes rows unless the script is exempt, and its transaction
 * control leaves the engine's transaction whole. The problems are in the script's order.
 */
export async function lintScript(input: LintInput): Promise<LintProblem[]> {
  const { placeholders = FLYWAY_SYNTAX, values = new Map<string, string>() } = input;
  const text = lintText(input.sql, placeholders ?? undefined, values);
  const parse = await loadParser();
  const { statements, problems: splitProblems } = splitStatements(text.sql);
  const problems: UnlocatedProblem[] = splitProblems.map((p) => ({ ...p, severity: "error" }));
  problems.push(...text.problems);
  const readable = statements
    // What was found already is the cause of what the parser would say of the same statement.
    .filter((statement) => !problems.some(({ offset }) => isInside(offset, statement)))
    .map(({ start, end }) => ({ text: text.sql.slice(start, end), offset: start }));
  for (const statement of readable) {
    const holds = text.holds(statement.offset, statement.offset + statement.text.length);
    for (const problem of lintStatement(statement.text, parse(statement.text), input.exempt, holds))
      problems.push({ ...problem, offset: statement.offset + problem.offset });
  }
  problems.push(...checkTransactionControl(readable, input.transaction ?? { mixed: false }));
  return located(input, text, problems);
}

function isInside(offset: number, { start, end }: Statement): boolean {
  return offset >= start && offset < end;
}

function lintStatement(
  text: string,
  parsed: Parsed,
  exempt: boolean,
  holds: ReturnType<LintText["holds"]>,
): UnlocatedProblem[] {
  switch (parsed.kind) {
    case "parsed":
      return exempt ? [] : parsed.nodes.flatMap((node) => findDataStatements(text, node));
    case "tooLong":
      return [TOO_LONG, ...(exempt ? [] : dataByTokens(text))];
    case "refused": {
      const newer = newerSyntax(text, parsed.offset);
      if (newer !== undefined)
        return [newerThanParser(newer), ...(exempt ? [] : dataByTokens(text))];
      const problem = syntaxError(shownRefusal(parsed.message, holds.value), parsed.offset);
      return [holds.guess ? perhaps(problem) : problem];
    }
  }
}

function dataByTokens(text: string): UnlocatedProblem[] {
  return findDataKeywords(text).map(({ offset, keyword }) => changesRows(offset, keyword));
}

const TOO_LONG: UnlocatedProblem = {
  offset: 0,
  code: "SQL_NOT_CHECKED",
  severity: "warning",
  message: "The statement is longer than 4 MB and was not checked.",
  remedy: "Cut it into several, or load the rows by COPY.",
};

function newerThanParser(words: string): UnlocatedProblem {
  return {
    offset: 0,
    code: "SQL_NOT_CHECKED",
    severity: "warning",
    message: `${words} is newer than the parser, which is PostgreSQL 18's: the statement was not checked further.`,
    remedy: "Try it on a server of the version that you have.",
  };
}

function syntaxError(message: string, offset: number): UnlocatedProblem {
  return {
    offset,
    code: "SQL_SYNTAX",
    severity: "error",
    message: `PostgreSQL's parser says: ${message}.`,
    remedy: "Mend the statement at this place.",
  };
}

/** A placeholder can stand for any text, not only for a name, which is what was put in its place. */
function perhaps(problem: UnlocatedProblem): UnlocatedProblem {
  return {
    ...problem,
    severity: "warning",
    remedy: "Check the statement with the values of its placeholders; a name was put in for each.",
  };
}

function located(
  { script, sql }: LintInput,
  text: LintText,
  problems: readonly UnlocatedProblem[],
): LintProblem[] {
  const positions = new PositionTracker(sql);
  return problems
    .map((problem) => ({ ...problem, offset: text.sourceOffset(problem.offset) }))
    .sort((a, b) => a.offset - b.offset)
    .map(({ offset, ...problem }) => ({ ...problem, script, ...positions.at(offset) }));
}
