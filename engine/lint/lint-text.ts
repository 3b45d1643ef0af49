import { TidemarkError } from "../core/errors";
import {
  findPlaceholders,
  inSequence,
  type Placeholder,
  replaceAll,
  type ReplacedText,
  sourceOffset,
  withoutByteOrderMarks,
} from "../core/placeholders";
import type { UnlocatedProblem } from "./problem";

export interface PlaceholderSyntax {
  prefix: string;
  suffix: string;
}

/** A script's text as the parser can read it: known placeholders have their values, others a name that stands for them. */
export interface LintText {
  readonly sql: string;
  /** Whether a range of the text holds a placeholder's value, or what stands for one that is not known. */
  readonly holds: (
    start: number,
    end: number,
  ) => { readonly value: boolean; readonly guess: boolean };
  /** The offset in the file. */
  readonly sourceOffset: (offset: number) => number;
  /** In offsets of the text. */
  readonly problems: readonly UnlocatedProblem[];
}

/** @param syntax undefined: placeholders are not replaced */
export function lintText(
  source: string,
  syntax: PlaceholderSyntax | undefined,
  values: ReadonlyMap<string, string>,
): LintText {
  const clean = withoutByteOrderMarks(source);
  const { placeholders, unended } = syntax
    ? readPlaceholders(clean.text, syntax)
    : { placeholders: [], unended: undefined };
  const guesses: Placeholder[] = [];
  const replaced = replaceAll(clean.text, placeholders, (placeholder) => {
    const value = values.get(placeholder.name.toLowerCase());
    if (value !== undefined) return value;
    guesses.push(placeholder);
    return identifierLike(clean.text.slice(placeholder.start, placeholder.end));
  });
  const isGuess = new Set(guesses);
  const ranges = replaced.replacements.map((range, i) => ({
    ...range,
    isGuess: isGuess.has(placeholders[i] as Placeholder),
  }));
  const { replacements } = inSequence(clean.replacements, replaced);
  const problems = unended === undefined ? [] : [withoutEnd(replaced, unended)];
  return {
    sql: replaced.text,
    holds: (start, end) => {
      const inside = ranges.filter((range) => range.start < end && range.end > start);
      return {
        value: inside.some((range) => !range.isGuess),
        guess: inside.some((range) => range.isGuess),
      };
    },
    sourceOffset: (offset) => sourceOffset(replacements, offset),
    problems,
  };
}

/** All up to one that has no end, which stays as it is. */
function readPlaceholders(
  text: string,
  { prefix, suffix }: PlaceholderSyntax,
): { placeholders: Placeholder[]; unended?: number } {
  const placeholders: Placeholder[] = [];
  const options = { placeholderPrefix: prefix, placeholderSuffix: suffix };
  try {
    for (const placeholder of findPlaceholders(text, options, "")) placeholders.push(placeholder);
  } catch (error) {
    if (!(error instanceof TidemarkError) || error.code === "CONFIGURATION") throw error;
    return { placeholders, unended: text.indexOf(prefix, placeholders.at(-1)?.end) };
  }
  return { placeholders };
}

function withoutEnd({ text, replacements }: ReplacedText, at: number): UnlocatedProblem {
  const last = replacements.at(-1);
  return {
    offset: at + (last ? last.end - last.sourceEnd : 0),
    code: "PLACEHOLDER_WITHOUT_END",
    severity: "error",
    message: `A placeholder begins here and has no end: ${text.slice(at).slice(0, 20)}.`,
    remedy:
      "Close it; or switch replacement off (placeholderReplacement=false) if the text is meant.",
  };
}

/** `${name}` becomes `p_name_`. */
function identifierLike(placeholder: string): string {
  return `p${placeholder.slice(1).replace(/[^A-Za-z0-9_\r\n]/g, "_")}`;
}
