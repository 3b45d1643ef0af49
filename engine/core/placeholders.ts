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
 * @throws TidemarkError (ERROR) for a name without a value and for a placeholder without an end, with the offset's line;
 *   (CONFIGURATION) for a syntax without a prefix or suffix.
 */
export function replacePlaceholders(
  text: string,
  values: ReadonlyMap<string, string>,
  syntax: Syntax,
  script: string,
): ReplacedText {
  return replaceAll(text, findPlaceholders(text, syntax, script), ({ name, start }) => {
    const value = values.get(name.toLowerCase());
    if (value === undefined) throw unresolved(text, start, name, script, syntax, values);
    return value;
  });
}

/** A placeholder as it stands in a text, from its prefix to behind its suffix. */
export interface Placeholder {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Puts something in the place of each placeholder. */
export function replaceAll(
  text: string,
  placeholders: Iterable<Placeholder>,
  valueOf: (placeholder: Placeholder) => string,
): ReplacedText {
  const out: string[] = [];
  const replacements: Replacement[] = [];
  let from = 0;
  let length = 0;
  for (const placeholder of placeholders) {
    const value = valueOf(placeholder);
    const { start: sourceStart, end: sourceEnd } = placeholder;
    out.push(text.slice(from, sourceStart), value);
    const start = length + sourceStart - from;
    length = start + value.length;
    from = sourceEnd;
    replacements.push({ sourceStart, sourceEnd, start, end: length });
  }
  out.push(text.slice(from));
  return { text: out.join(""), replacements };
}

/**
 * The placeholders of a text as Flyway's reader finds them: it reads as far as the prefix goes on to match, and what it
 * has read then begins no placeholder any more. So of `$${x}` the two `$` are passed over, and no placeholder is left.
 * @throws TidemarkError as replacePlaceholders, but for missing values
 */
export function* findPlaceholders(
  text: string,
  syntax: Syntax,
  script: string,
): Generator<Placeholder> {
  const { placeholderPrefix: prefix, placeholderSuffix: suffix } = syntax;
  if (prefix === "" || suffix === "") throw withoutAffix(prefix === "");
  const first = prefix.charAt(0);
  for (let at = text.indexOf(first); at >= 0;) {
    let matched = 1;
    while (matched < prefix.length && text[at + matched] === prefix[matched]) matched++;
    if (matched < prefix.length) {
      at = text.indexOf(first, at + matched + 1);
      continue;
    }
    const nameStart = at + prefix.length;
    const nameEnd = text.indexOf(suffix, nameStart);
    if (nameEnd < 0) throw unterminated(text, at, script, syntax);
    const end = nameEnd + suffix.length;
    yield { name: text.slice(nameStart, nameEnd), start: at, end };
    at = text.indexOf(first, end);
  }
}

const BYTE_ORDER_MARK = "\uFEFF";

/** A text without the byte order marks inside it, which files have that were put together; Flyway does not send them. */
export function withoutByteOrderMarks(text: string): ReplacedText {
  return replaceAll(text, byteOrderMarks(text), () => "");
}

function* byteOrderMarks(text: string): Generator<Placeholder> {
  for (let start = text.indexOf(BYTE_ORDER_MARK); start >= 0;) {
    yield { name: BYTE_ORDER_MARK, start, end: start + 1 };
    start = text.indexOf(BYTE_ORDER_MARK, start + 1);
  }
}

/** What two replacements, one after the other, have done to a text: its replacements refer to the first one's source. */
export function inSequence(first: readonly Replacement[], second: ReplacedText): ReplacedText {
  if (first.length === 0) return second;
  const later = second.replacements.map((r) => ({
    ...r,
    sourceStart: sourceOffset(first, r.sourceStart),
    sourceEnd: sourceOffset(first, r.sourceEnd),
  }));
  const kept = first.filter(
    (r) => !later.some((l) => l.sourceStart < r.sourceEnd && r.sourceStart < l.sourceEnd),
  );
  const moved = kept.map((r) => {
    const before = second.replacements.findLast((s) => s.sourceEnd <= r.start);
    const shift = before ? before.end - before.sourceEnd : 0;
    return { ...r, start: r.start + shift, end: r.end + shift };
  });
  const replacements = [...later, ...moved].sort((a, b) => a.sourceStart - b.sourceStart);
  return { text: second.text, replacements };
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

function withoutAffix(isPrefix: boolean): TidemarkError {
  const what = isPrefix ? "placeholderPrefix" : "placeholderSuffix";
  return new TidemarkError({
    code: "CONFIGURATION",
    class: "usage",
    message: `${what} is empty.`,
    remedy: "Give it a text; or switch replacement off (placeholderReplacement=false).",
  });
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
