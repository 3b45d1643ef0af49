import { isWordAt, occurrences, type Range } from "./text-ranges";

/**
 * Where a secret is looked for (docs/decisions/0011): `anywhere`, as a `word` of its own, `quoted` as a whole, or
 * `never`. The rule: no replacement that a reader could undo, since it would say what the secret is.
 */
type Search = "never" | "quoted" | "word" | "anywhere";
const SEARCHES: readonly Search[] = ["never", "quoted", "word", "anywhere"];

/** Shorter ones stand in most messages by accident, and are guessed sooner than read. */
const SHORTEST = 5;
/** No accident from here on, where it is more than a plain word or number. */
const DISTINCT = 8;
/** No accident from here on, whatever it is made of. */
const LONG = 16;

/** Where an excerpt, or PostgreSQL, has cut a long line. */
const CUT = /…|\.\.\./g;

/** One way in which a secret could be shown. */
export interface Form {
  readonly text: string;
  readonly search: Search;
}

/** All in which a secret could be shown; looked for `steps` more widely than its shape says. */
export function formsOf(secret: string, steps: number): Form[] {
  const search = searchFor(secret, steps);
  const texts = [
    secret,
    percentEncoded(secret),
    percentEncoded(secret).replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase()),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll("'", "''"),
    secret.replaceAll("''", "'"), // a text that was made to stand between quotes, as the server gives it back
    secret.replaceAll("\t", "    ").replace(/\p{Cc}|\p{Cf}/gu, "·"), // as an excerpt shows it
  ];
  const whole = [...new Set(texts)].map((text) => ({ text, search }));
  // An excerpt shows one line of several.
  const lines = secret.split(/\r\n|\r|\n/).map((line) => line.trim());
  const distinct = lines.length > 1 ? lines.filter((l) => searchFor(l, 0) === "anywhere") : [];
  const all = [...whole, ...distinct.map((text): Form => ({ text, search: "anywhere" }))];
  return all.filter((form) => form.text !== "" && form.search !== "never");
}

function searchFor(secret: string, steps: number): Search {
  return SEARCHES[Math.min(SEARCHES.indexOf(shapeOf(secret)) + steps, 3)] ?? "anywhere";
}

function shapeOf(secret: string): Search {
  const length = [...secret].length;
  const isPlain = /^(?:\p{L}+|\p{N}+)$/u.test(secret);
  if (length < SHORTEST) return "never";
  if (length >= LONG || (length >= DISTINCT && !isPlain)) return "anywhere";
  return isPlain ? "quoted" : "word";
}

function percentEncoded(secret: string): string {
  try {
    return encodeURIComponent(secret);
  } catch {
    return secret; // half a surrogate pair has no encoding
  }
}

/** Wherever the message has to be replaced because of it. */
export function placesOf({ text, search }: Form, message: string): Range[] {
  const whole = occurrences(message, text).filter((range) => fits(message, range, search));
  return search === "anywhere" ? [...whole, ...cutOccurrences(message, text)] : whole;
}

function fits(message: string, range: Range, search: Search): boolean {
  if (search === "anywhere") return true;
  if (search === "word") return isWordAt(message, range);
  const [before, after] = [message[range.start - 1], message[range.end]];
  return before === after && (before === "'" || before === '"');
}

/** A beginning of the secret before a cut, an end of it after one; of less than that nobody can guess the rest. */
function cutOccurrences(message: string, secret: string): Range[] {
  return [...message.matchAll(CUT)].flatMap(({ index: start, 0: cut }) => {
    const end = start + cut.length;
    const before = message.slice(Math.max(0, start - secret.length), start);
    const after = message.slice(end, end + secret.length);
    const beginning = occurrences(before, secret.slice(0, SHORTEST)).find((range) =>
      secret.startsWith(before.slice(range.start)),
    );
    const ending = occurrences(after, secret.slice(-SHORTEST)).findLast((range) =>
      secret.endsWith(after.slice(0, range.end)),
    );
    return [
      ...(beginning ? [{ start: start - before.length + beginning.start, end: start }] : []),
      ...(ending ? [{ start: end, end: end + ending.end }] : []),
    ];
  });
}
