import { identifierName } from "./identifier";
import { SqlLexer, type TokenKind } from "./lexer";

/** A name as written, with at most one qualifier kept (`db.schema.name` names this database). */
export interface QualifiedName {
  schema?: string;
  name: string;
}

interface Token {
  kind: TokenKind;
  text: string;
  start: number;
}

/** Reads the head of one statement word by word. Comments and quoting cannot fool it. */
export class StatementReader {
  private readonly sql: string;
  private readonly lexer: SqlLexer;
  private readonly tokens: Token[] = [];
  private index = 0;

  constructor(sql: string) {
    this.sql = sql;
    this.lexer = new SqlLexer(sql);
  }

  /** The next word in upper case, or "" if something else comes next; goes past it. */
  word(): string {
    const token = this.peek();
    if (token.kind !== "word") return "";
    this.index++;
    return upperCase(token.text);
  }

  /** Goes past `words` if they come next, in this order; else stays. */
  accept(...words: string[]): boolean {
    const found = words.every((word, i) => this.isWord(word, i));
    if (found) this.index += words.length;
    return found;
  }

  acceptOneOf(...words: string[]): string | undefined {
    return words.find((word) => this.accept(word));
  }

  nextIs(kind: TokenKind): boolean {
    return this.peek().kind === kind;
  }

  /** Goes past a name, qualified or not. */
  name(): QualifiedName | undefined {
    const parts: string[] = [];
    while (this.nextIs("word") || this.nextIs("quotedIdentifier")) {
      parts.push(identifierName(this.peek().text));
      this.index++;
      if (!this.acceptSymbol(".")) break;
    }
    const name = parts.at(-1);
    const schema = parts.at(-2);
    if (name === undefined) return undefined;
    return schema === undefined ? { name } : { schema, name };
  }

  /**
   * Goes past `(name [=] value, …)` if it comes next. Names and values in upper case, "" for a name
   * alone. Nested parentheses are passed over.
   */
  options(): Map<string, string> {
    const options = new Map<string, string>();
    if (!this.acceptSymbol("(")) return options;
    let words: string[] = [];
    for (let depth = 1; depth > 0 && !this.nextIs("end"); this.index++) {
      const { kind, text } = this.peek();
      if (text === "(") depth++;
      else if (text === ")") depth--;
      else if (kind !== "symbol" && depth === 1) words.push(upperCase(text.replaceAll("'", "")));
      if (words[0] !== undefined && (depth === 0 || (depth === 1 && text === ","))) {
        options.set(words[0], words[1] ?? "");
        words = [];
      }
    }
    return options;
  }

  /** Goes on until just after `word` outside parentheses; false if it does not come. */
  skipPast(word: string): boolean {
    for (let depth = 0; !this.nextIs("end"); this.index++) {
      const { text } = this.peek();
      if (text === "(") depth++;
      else if (text === ")") depth--;
      else if (depth === 0 && this.isWord(word, 0)) return this.accept(word);
    }
    return false;
  }

  /** Goes on until just after the next comma outside parentheses; false if the statement ends before. */
  skipPastComma(): boolean {
    for (let depth = 0; !this.nextIs("end"); this.index++) {
      const { text } = this.peek();
      if (text === "(") depth++;
      else if (text === ")") depth--;
      else if (depth === 0 && text === ";") return false;
      else if (depth === 0 && this.acceptSymbol(",")) return true;
    }
    return false;
  }

  /** All that follows, as it is written. */
  rest(): string {
    return this.sql.slice(this.peek().start);
  }

  private acceptSymbol(symbol: string): boolean {
    const token = this.peek();
    const found = token.kind === "symbol" && token.text === symbol;
    if (found) this.index++;
    return found;
  }

  private isWord(word: string, ahead: number): boolean {
    const token = this.peek(ahead);
    return token.kind === "word" && upperCase(token.text) === word;
  }

  private peek(ahead = 0): Token {
    while (this.tokens.length <= this.index + ahead) {
      this.lexer.next();
      const { kind, start } = this.lexer;
      this.tokens.push({ kind, text: this.lexer.slice(), start });
    }
    return this.tokens[this.index + ahead] as Token;
  }
}

/** ASCII only: keywords are ASCII, and "ı" in upper case would be the letter I. */
function upperCase(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}
