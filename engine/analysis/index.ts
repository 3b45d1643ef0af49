export {
  classifyStatement,
  type ClassifyOptions,
  type StatementClass,
  type TransactionControl,
} from "./classify";
export { type ConcurrentIndex, indexDefinition } from "./concurrent-index";
export { excerpt, type ExcerptOptions } from "./excerpt";
export { SqlLexer, type TokenKind, type Unterminated } from "./lexer";
export { offsetOfPgPosition, type Position, positionAt, PositionTracker } from "./position";
export type { SqlProblem, SqlProblemCode } from "./problem";
export { splitStatements, type SplitResult, type Statement, type TextRange } from "./split";
