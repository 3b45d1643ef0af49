import type { SqlLexer } from "./lexer";

type Mode = "start" | "set" | "create" | "routine" | "copy" | "copyFrom" | "copyStdin" | "other";

/**
 * Follows the tokens of one statement to know whether a `;` ends it. It does not where parentheses
 * are open (CREATE RULE … DO (a; b)) nor in the BEGIN ATOMIC … END body of a routine; both as psql
 * does it (psqlscan.l), with one difference: psql counts CASE … END to find the END of a body, here
 * END closes a body only just after `;` or ATOMIC. The grammar (gram.y, routine_body_stmt_list)
 * allows it nowhere else, so nested CASE, and columns or labels called "end", need no counting.
 */
export class StatementShape {
  private mode: Mode = "start";
  private parentheses = 0;
  private bodies = 0;
  private previous: "begin" | "boundary" | "other" = "other";
  /** Offset of the outermost `(` that is open, or else of the last one that was. */
  private parenthesisOffset = 0;
  private bodyOffset = 0;

  /** Takes note of the lexer's current token. */
  follow(lexer: SqlLexer): void {
    if (lexer.kind === "symbol") this.followParenthesis(lexer);
    switch (this.mode) {
      case "other":
      case "set":
      case "copyStdin":
        return;
      case "start":
        this.mode = modeOf(lexer);
        return;
      case "create":
        if (lexer.isWord("OR") || lexer.isWord("REPLACE")) return;
        this.mode = lexer.isWord("FUNCTION") || lexer.isWord("PROCEDURE") ? "routine" : "other";
        return;
      case "routine":
        this.followRoutine(lexer);
        return;
      case "copy":
        if (this.parentheses === 0 && lexer.isWord("FROM")) this.mode = "copyFrom";
        return;
      case "copyFrom":
        // gram.y takes STDOUT for STDIN here (copy_file_name), and the server waits for data.
        this.mode = lexer.isWord("STDIN") || lexer.isWord("STDOUT") ? "copyStdin" : "other";
        return;
    }
  }

  /** Would a `;` now end the statement? */
  get endsAtSemicolon(): boolean {
    return this.parentheses === 0 && this.bodies === 0;
  }

  /** Is it COPY … FROM STDIN, so that rows follow in the script? */
  get readsInlineData(): boolean {
    return this.mode === "copyStdin";
  }

  /** May it change a setting of the session? */
  get setsSomething(): boolean {
    return this.mode === "set";
  }

  /** What is open: nothing can close it once the script is at its end. */
  get open(): { what: "parenthesis" | "body"; offset: number } | undefined {
    if (this.parentheses > 0) return { what: "parenthesis", offset: this.parenthesisOffset };
    if (this.bodies > 0) return { what: "body", offset: this.bodyOffset };
    return undefined;
  }

  private followParenthesis(lexer: SqlLexer): void {
    if (lexer.isSymbol("(")) {
      if (this.parentheses++ === 0) this.parenthesisOffset = lexer.start;
    } else if (lexer.isSymbol(")") && this.parentheses > 0) this.parentheses--;
  }

  private followRoutine(lexer: SqlLexer): void {
    const { previous } = this;
    this.previous = "other";
    if (this.parentheses > 0) return;
    if (lexer.isSymbol(";")) this.previous = "boundary";
    else if (lexer.isWord("BEGIN")) {
      this.previous = "begin";
      if (this.bodies === 0) this.bodyOffset = lexer.start;
    } else if (previous === "begin" && lexer.isWord("ATOMIC")) {
      this.bodies++;
      this.previous = "boundary";
    } else if (previous === "boundary" && this.bodies > 0 && lexer.isWord("END")) this.bodies--;
  }
}

function modeOf(lexer: SqlLexer): Mode {
  if (lexer.isWord("CREATE")) return "create";
  if (lexer.isWord("COPY")) return "copy";
  return ["SET", "RESET", "SELECT"].some((word) => lexer.isWord(word)) ? "set" : "other";
}
