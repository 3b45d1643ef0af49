import { TidemarkError } from "./errors";
import type { EngineOptions } from "./options";

type Syntax = Pick<EngineOptions, "placeholderPrefix" | "placeholderSuffix">;

/** A stretch of replaced text: what stands at `start` came from `sourceStart` of the file. */
export interface Replacement {
  readonly sourceStart: number;
  readonly sourceEnd: number;
  readonly start: number;
  readonly end: number;
}

export interface ReplacedText {
  readonly text: string;
  readonly replacements: readonly Replacement[];
}

/**
 * Replaces `${name}` by its value: names ignore case, values are not scanned again, there is no escape.
 * @throws TidemarkError (ERROR) for a name without a value and for a placeholder without an end, with the offset's line.
 */
export function replacePlaceholders(
  text: string,
  values: ReadonlyMap<string, string>,
  syntax: Syntax,
  script: string,
): ReplacedText {
  const { placeholderPrefix: prefix, placeholderSuffix: suffix } = syntax;
  const out: string[] = [];
  const replacements: Replacement[] = [];
  let from = 0;
  let length = 0;
  for (let at = text.indexOf(prefix); at >= 0; at = text.indexOf(prefix, from)) {
    const nameStart = at + prefix.length;
    const nameEnd = text.indexOf(suffix, nameStart);
    if (nameEnd < 0) throw unterminated(text, at, script, syntax);
    const name = text.slice(nameStart, nameEnd);
    const value = values.get(name.toLowerCase());
    if (value === undefined) throw unresolved(text, at, name, script, syntax, values);
    out.push(text.slice(from, at), value);
    const start = length + at - from;
    length = start + value.length;
    from = nameEnd + suffix.length;
    replacements.push({ sourceStart: at, sourceEnd: from, start, end: length });
  }
  out.push(text.slice(from));
  return { text: out.join(""), replacements };
}

/** The offset in the file of an offset in the replaced text; inside a value, where its placeholder begins. */
export function sourceOffset(replacements: readonly Replacement[], offset: number): number {
  let shift = 0;
  for (const r of replacements) {
    if (offset < r.start) break;
    if (offset < r.end) return r.sourceStart;
    shift = r.sourceEnd - r.end;
  }
  return offset + shift;
}

/** The values of a run: the user's own by lower-cased name, and Flyway's defaults under `flyway:`. */
export function placeholderValues(
  own: Readonly<Record<string, string>>,
  defaults: Readonly<Record<string, string>>,
  separator: string,
): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(defaults)) {
    values.set(`flyway${separator}${name}`.toLowerCase(), value);
  }
  for (const [name, value] of Object.entries(own)) values.set(name.toLowerCase(), value);
  return values;
}

function unterminated(text: string, at: number, script: string, syntax: Syntax): TidemarkError {
  return new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `${script}:${lineAt(text, at)}: a placeholder begins with ${syntax.placeholderPrefix} and has no end.`,
    remedy: `Close it with ${syntax.placeholderSuffix}, or switch replacement off (placeholderReplacement=false) if the text is meant.`,
    migration: script,
    line: lineAt(text, at),
  });
}

function unresolved(
  text: string,
  at: number,
  name: string,
  script: string,
  syntax: Syntax,
  values: ReadonlyMap<string, string>,
): TidemarkError {
  const written = `${syntax.placeholderPrefix}${name}${syntax.placeholderSuffix}`;
  const known = [...values.keys()].filter((key) => !key.startsWith("flyway")).sort();
  return new TidemarkError({
    code: "ERROR",
    class: "migrations",
    message: `${script}:${lineAt(text, at)}: the placeholder ${written} has no value.`,
    remedy:
      (known.length > 0 ? `Known placeholders: ${known.join(", ")}. ` : "") +
      `Give it one (placeholders.${name}=…), or switch replacement off (placeholderReplacement=false) if the text is meant.`,
    migration: script,
    line: lineAt(text, at),
  });
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf("\n"); i >= 0 && i < offset; i = text.indexOf("\n", i + 1)) line++;
  return line;
}
