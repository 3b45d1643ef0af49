import type { Piece } from "../analysis/pieces";
import type { Script } from "../analysis/script";
import type { Statement } from "../analysis/split";
import type { Session } from "../postgres/session";
import { type SentText, sqlFailure } from "../postgres/sql-failure";
import { misread } from "./failures";
import { guardFailure } from "./history-row";

const BEYOND_ASCII = /[^\0-\x7f]/;

/** Sends a script's pieces, and what surrounds them, and gives failures their place in the script's file. */
export class ScriptSender {
  readonly #script: Script;
  readonly #session: Session;

  constructor(script: Script, session: Session) {
    this.#script = script;
    this.#session = session;
  }

  /** @throws TidemarkError with file, line and SQLSTATE. */
  async piece({ from, to, instead }: Piece): Promise<void> {
    if (instead !== undefined) return this.ours([instead], from);
    const { own, base } = this.#textOf(from, to);
    this.#checkReading(from, own);
    const sent = { ownStart: 0, ownLength: own.length, base, statementsBefore: 0 };
    const { copyData } = this.#script.statements[from] as Statement;
    await this.#send({ ...sent, text: own, firstStatement: from }, copyData);
  }

  /** A piece between statements of ours, all in one query. */
  async between(before: readonly string[], { from, to }: Piece, after: string[]): Promise<void> {
    const { own, base } = this.#textOf(from, to);
    const prefix = `${before.join(";\n")};\n`;
    await this.#send({
      text: `${prefix}${own}\n;${after.join(";\n")}`,
      ownStart: prefix.length,
      ownLength: own.length,
      base,
      statementsBefore: before.length,
      firstStatement: from,
    });
  }

  /** @param index the statement that ours stand for; absent: they surround the script. */
  async ours(statements: readonly string[], index?: number): Promise<void> {
    if (statements.length === 0) return;
    await this.#send({
      text: statements.join(";\n"),
      ownStart: 0,
      ownLength: 0,
      base: 0,
      statementsBefore: 0,
      firstStatement: index ?? this.#script.statements.length,
    });
  }

  #textOf(from: number, to: number): { own: string; base: number } {
    const { statements, sql } = this.#script;
    const first = statements[from];
    const last = statements[to - 1];
    if (!first || !last) return { own: "", base: 0 };
    return { own: sql.text.slice(first.start, last.end), base: first.start };
  }

  /** Dynamic SQL may have changed how the server reads what we send. */
  #checkReading(index: number, text: string): void {
    const session = this.#session;
    const { start, copyData, escapes } = this.#script.statements[index] as Statement;
    const data = () => this.#script.sql.text.slice(copyData?.start ?? 0, copyData?.end ?? 0);
    if (!session.readsUtf8 && BEYOND_ASCII.test(text + data()))
      throw misread(this.#script, start, "client_encoding");
    if (session.conformsToStandardStrings === (escapes ?? false) && text.includes("\\"))
      throw misread(this.#script, start, "standard_conforming_strings");
  }

  async #send(
    sent: SentText,
    data?: { readonly start: number; readonly end: number },
  ): Promise<void> {
    try {
      const copyData = data && chunks(this.#script.sql.text, data.start, data.end);
      await this.#session.runScript(sent.text, copyData);
    } catch (error) {
      throw sqlFailure(guardFailure(error, this.#script.name), this.#script, sent);
    }
  }
}

const CHUNK = 1 << 16;

/** COPY data in pieces, so that a large file is not encoded as a whole. Never splits a surrogate pair. */
function* chunks(text: string, start: number, end: number): Generator<string> {
  for (let from = start; from < end;) {
    let to = Math.min(from + CHUNK, end);
    const unit = text.charCodeAt(to - 1);
    if (to < end && unit >= 0xd800 && unit < 0xdc00) to++;
    yield text.slice(from, to);
    from = to;
  }
}
