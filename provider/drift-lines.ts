/** The differences of two catalogs as lines of text: what the state remembers, and what is printed. */
import { describeDrift, type Drift, subjectOf } from "../engine/index";
import { type Definitions, describeChange } from "./catalog-text";

/** So many alike are a line each; of more, such as after GRANT … ON ALL TABLES, one line counts them. */
const MOST_ALIKE = 10;
const NAMED = 3;

/** Anybody who may create a table gives it a name: which must not steer the reader's terminal, nor look like more lines. */
const quiet = (text: string): string => text.replace(/\p{Cc}|\p{Cf}/gu, "·");
const quietLines = (text: string): string =>
  text.replace(/\p{Cc}|\p{Cf}/gu, (sign) => (sign === "\n" || sign === "\t" ? sign : "·"));

interface Line {
  readonly text: string;
  /** `grant to app on `; empty for an object. */
  readonly words: string;
  /** What the words are said about. */
  readonly subject: string;
  /** ` changed: app → dba` */
  readonly change: string;
}

/** @returns a line for each difference, with before and after where they are known; those that are alike in one */
export function driftLines(
  drifts: readonly Drift[],
  before: Definitions | undefined,
  after: Definitions | undefined,
): string[] {
  const groups = new Map<string, [Line, ...Line[]]>();
  for (const drift of drifts) {
    const line = lineOf(drift, before, after);
    const key = line.words === "" ? line.text : `${line.words}\n${line.change}`;
    const group = groups.get(key);
    if (group) group.push(line);
    else groups.set(key, [line]);
  }
  return [...groups.values()].flatMap((group) =>
    group.length > MOST_ALIKE ? [inOne(group)] : group.map(({ text }) => text),
  );
}

function lineOf(drift: Drift, before?: Definitions, after?: Definitions): Line {
  const { change, object } = drift;
  const shown = change === "changed" ? describeChange(before?.[object], after?.[object]) : "";
  const subject = subjectOf(object) ?? object;
  const words = quiet(object.slice(0, object.length - subject.length));
  const name = quiet(subject);
  const text = describeDrift([{ change, object: words + name }], 1) + quietLines(shown);
  return { text, words, subject: name, change: text.slice(words.length + name.length) };
}

function inOne(group: readonly [Line, ...Line[]]): string {
  const [{ words, change }] = group;
  const named = group.slice(0, NAMED).map(({ subject }) => subject);
  const list = `${named.join(", ")}, ${group.length - NAMED} more`;
  const [first = "", ...more] = change.split("\n");
  return [`${words}${group.length} objects${first} (${list})`, ...more].join("\n");
}
