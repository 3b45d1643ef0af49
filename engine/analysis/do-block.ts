import { SqlLexer } from "./lexer";
import { readString, type StringLiteral } from "./string-literal";

export function startsWithDo(text: string): boolean {
  const lexer = new SqlLexer(text);
  return lexer.next() && lexer.isWord("DO");
}

/** The body of a DO statement: its first string that is not the name of a language. */
export function bodyByWords(text: string): StringLiteral | undefined {
  const lexer = new SqlLexer(text);
  for (let isLanguage = false; lexer.next(); isLanguage = lexer.isWord("LANGUAGE"))
    if (lexer.kind === "string" && !isLanguage) return readString(text, lexer.start);
  return undefined;
}

/** A body between dollar quotes of its own. The parser knows no table, so a row of one is a record to it. */
export function quoted(body: string): string {
  const relaxed = body.replace(/[\w.$"]+\s*%\s*rowtype\b/gi, (type) =>
    "record".padEnd(type.length).concat(type.replace(/[^\n]/g, "")),
  );
  let tag = "$tidemark$";
  while (relaxed.includes(tag.slice(0, -1))) tag = `$_${tag.slice(1)}`;
  return ` ${tag}${relaxed}${tag} `;
}
