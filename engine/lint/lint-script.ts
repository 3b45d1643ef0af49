import {
  FLYWAY_SYNTAX,
  maskPlaceholders,
  type PlaceholderSyntax,
} from "../analysis/mask-placeholders";
import { loadParser, type Parsed } from "../analysis/parser";
import { PositionTracker } from "../analysis/position";
import { splitStatements, type Statement } from "../analysis/split";
import { changesRows, findDataStatements } from "./data-statements";
import { findDataKeywords } from "./do-body";
import type { Finding, LintProblem } from "./problem";

export interface LintInput {
  /** Name of the script, for the problems. */
  script: string;
  /** Its text, with placeholders replaced or not. */
  sql: string;
  /** May it change rows? Its syntax is checked all the same. */
  exempt: boolean;
  /** How placeholders are written; default as Flyway's. */
  placeholders?: PlaceholderSyntax;
}

/**
 * Checks one script: each statement parses (by PostgreSQL 18's own parser; an older server may know
 * less), and none changes rows unless the script is exempt. The problems are in the script's order.
 */
export async function lintScript(input: LintInput): Promise<LintProblem[]> {
  const sql = maskPlaceholders(input.sql, input.placeholders ?? FLYWAY_SYNTAX);
  const parse = await loadParser();
  const { statements, problems } = splitStatements(sql);
  const findings: Finding[] = problems.map((problem) => ({ ...problem, severity: "error" }));
  for (const statement of statements) {
    // What the splitter found is the cause of what the parser would say of the same statement.
    if (problems.some(({ offset }) => isInside(offset, statement))) continue;
    const text = sql.slice(statement.start, statement.end);
    const hasPlaceholder = text !== input.sql.slice(statement.start, statement.end);
    for (const finding of lintStatement(text, parse(text), { ...input, hasPlaceholder })) {
      findings.push({ ...finding, offset: statement.start + finding.offset });
    }
  }
  return located(input.script, sql, findings);
}

function isInside(offset: number, { start, end }: Statement): boolean {
  return offset >= start && offset < end;
}

function lintStatement(
  text: string,
  parsed: Parsed,
  { exempt, hasPlaceholder }: { exempt: boolean; hasPlaceholder: boolean },
): Finding[] {
  switch (parsed.kind) {
    case "parsed":
      return exempt ? [] : parsed.nodes.flatMap((node) => findDataStatements(text, node));
    case "tooLong":
      return exempt ? [NOT_CHECKED] : [NOT_CHECKED, ...dataByTokens(text)];
    case "refused":
      return [hasPlaceholder ? perhaps(syntaxError(parsed)) : syntaxError(parsed)];
  }
}

function dataByTokens(text: string): Finding[] {
  return findDataKeywords(text).map(({ offset, keyword }) => changesRows(offset, keyword));
}

const NOT_CHECKED: Finding = {
  offset: 0,
  code: "SQL_NOT_CHECKED",
  severity: "warning",
  message: "The statement is longer than 4 MB and was not checked.",
  remedy: "Cut it into several, or load the rows by COPY.",
};

function syntaxError({ message, offset }: { message: string; offset: number }): Finding {
  return {
    offset,
    code: "SQL_SYNTAX",
    severity: "error",
    message: `PostgreSQL's parser says: ${message}.`,
    remedy: "Mend the statement at this place.",
  };
}

/** A placeholder can stand for any text, not only for a name, which is what was put in its place. */
function perhaps(finding: Finding): Finding {
  return {
    ...finding,
    severity: "warning",
    remedy: "Check the statement with the values of its placeholders; a name was put in for each.",
  };
}

function located(script: string, sql: string, findings: Finding[]): LintProblem[] {
  const positions = new PositionTracker(sql);
  return findings
    .sort((a, b) => a.offset - b.offset)
    .map(({ offset, code, severity, message, remedy }) => ({
      code,
      script,
      ...positions.at(offset),
      message,
      remedy,
      severity,
    }));
}
