/** A backslash at the start of a statement: after a line break, a `;`, a comment, or nothing. */
const PSQL_COMMAND = /(?:^|[;\r\n]|\*\/)[ \t\f\v]*\\/;

/** Words without which no statement is COPY, or refused in a transaction, or controls one. */
const WORDS =
  /\b(?:copy|concurrently|database|tablespace|subscription|system|reindex|vacuum|cluster|repack|discard|value|prepared?|begin|start|commit|end|rollback|abort)\b/i;

/**
 * Might the script hold anything that must be run apart: COPY FROM STDIN, a psql command, a
 * statement that is refused in a transaction or that controls one? Cheaper than splitting, and
 * often true in vain (a comment that says "end"). When false, all of the script can be sent as one
 * simple query inside a transaction.
 */
export function needsSplitting(sql: string): boolean {
  return PSQL_COMMAND.test(sql) || WORDS.test(sql);
}
