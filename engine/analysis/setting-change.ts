import { SqlLexer } from "./lexer";

/** What a statement does to a setting of the session. */
export interface SettingChange {
  /** In lower case, `all` for RESET ALL. */
  readonly name: string;
  /** As written, without quotes; undefined: back to the default. */
  readonly value: string | undefined;
}

export const CLIENT_ENCODING = "client_encoding";
export const STANDARD_CONFORMING_STRINGS = "standard_conforming_strings";

/**
 * Reads SET [SESSION | LOCAL] name = value, SET NAMES, RESET and SELECT set_config('name', 'value', …); undefined for any
 * other statement, and for values that are no constant.
 */
export function settingChange(statement: string): SettingChange | undefined {
  const lexer = new SqlLexer(statement);
  lexer.next();
  if (lexer.isWord("SET")) return set(lexer);
  if (lexer.isWord("RESET"))
    return lexer.next() ? { name: nameOf(lexer), value: undefined } : undefined;
  return lexer.isWord("SELECT") ? setConfig(lexer) : undefined;
}

/** Whether the text means on, as the server reads a boolean: any beginning of true and yes, `on`, `1`. */
export function isOn(value: string): boolean {
  return /^(on|1|t(r(ue?)?)?|y(es?)?)$/i.test(value);
}

function set(lexer: SqlLexer): SettingChange | undefined {
  lexer.next();
  if (lexer.isWord("NAMES")) return lexer.next() ? valueAt(CLIENT_ENCODING, lexer) : undefined;
  if (lexer.isWord("SESSION") || lexer.isWord("LOCAL")) lexer.next();
  const name = nameOf(lexer);
  const assigns = lexer.next() && (lexer.isWord("TO") || lexer.isSymbol("="));
  return assigns && lexer.next() ? valueAt(name, lexer) : undefined;
}

function valueAt(name: string, lexer: SqlLexer): SettingChange {
  return { name, value: lexer.isWord("DEFAULT") ? undefined : constant(lexer) };
}

function setConfig(lexer: SqlLexer): SettingChange | undefined {
  lexer.next();
  if (lexer.isWord("PG_CATALOG") && lexer.next() && lexer.isSymbol(".")) lexer.next();
  if (!lexer.isWord("SET_CONFIG") || !lexer.next() || !lexer.isSymbol("(")) return undefined;
  if (!lexer.next() || lexer.kind !== "string") return undefined;
  const name = constant(lexer).toLowerCase();
  if (!lexer.next() || !lexer.isSymbol(",") || !lexer.next() || lexer.kind !== "string")
    return undefined;
  return { name, value: constant(lexer) };
}

function nameOf(lexer: SqlLexer): string {
  return lexer.slice().replaceAll('"', "").toLowerCase();
}

function constant(lexer: SqlLexer): string {
  const text = lexer.slice();
  return lexer.kind === "string" ? text.replace(/^[^']*'/, "").replace(/'$/, "") : text;
}
