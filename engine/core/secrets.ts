import type { Connection } from "./connection";
import type { MigrationEvent } from "./events";
import { type Form, formsOf, placesOf } from "./secret-forms";
import { mergeRanges, occurrences, type Range } from "./text-ranges";

/** What stands in a message in place of a secret. */
const REPLACEMENT = "[secret]";

const isThere = (text: string | undefined): text is string => text !== undefined && text !== "";

/** What a list of secrets is made of. */
export interface SecretTexts {
  /** Passwords and all else that may be secret. */
  readonly values: readonly (string | undefined)[];
  /** Those that the user has declared to be secret, which SQL is meant to hold: looked for one step more widely. */
  readonly declared?: readonly string[];
  /** What is shown anyway (database, user, schemas): hiding it would say that the password is the same. */
  readonly names?: readonly (string | undefined)[];
}

/**
 * The texts that no message of a run may show. Made where the settings are read; whatever becomes a message goes through
 * it before it is printed, logged or put into a report. Data (versions, names, codes, checksums) does not.
 */
export class Secrets {
  static readonly none = new Secrets({ values: [] });
  readonly #forms: readonly Form[];
  readonly #names: readonly string[];

  constructor({ values, declared = [], names = [] }: SecretTexts) {
    this.#forms = [
      ...values.filter(isThere).flatMap((secret) => formsOf(secret, 0)),
      ...declared.flatMap((secret) => formsOf(secret, 1)),
    ];
    this.#names = names.filter(isThere);
  }

  /**
   * The message without any of the secrets.
   * @param names what is shown beside it as data: the migration's script and version
   */
  scrub(message: string, names: readonly string[] = []): string {
    return replace(message, this.#find(message, names));
  }

  /** The same for an excerpt of a script, whose last line has a caret below the place: it stays below it. */
  scrubExcerpt(excerpt: string, names: readonly string[] = []): string {
    const [caretLine, ...before] = excerpt.split("\n").reverse();
    if (caretLine === undefined || !/^ *\| *\^$/.test(caretLine)) return this.scrub(excerpt, names);
    const source = before.reverse().join("\n");
    const found = this.#find(source, names);
    const lineStart = source.lastIndexOf("\n") + 1;
    const caret = movedCaret(lineStart + caretLine.length - 1, lineStart, found) - lineStart;
    return `${replace(source, found)}\n${caretLine.slice(0, caretLine.indexOf("|") + 1).padEnd(caret)}^`;
  }

  #find(message: string, names: readonly string[]): Range[] {
    const found = this.#forms.flatMap((form) => placesOf(form, message));
    if (found.length === 0) return [];
    const shown = [...this.#names, ...names].flatMap((name) => occurrences(message, name));
    const isShown = ({ start, end }: Range): boolean =>
      shown.some((name) => name.start <= start && end <= name.end);
    return mergeRanges(found.filter((range) => !isShown(range)));
  }
}

function replace(text: string, ranges: readonly Range[]): string {
  let out = "";
  let at = 0;
  for (const { start, end } of ranges) {
    out += text.slice(at, start) + REPLACEMENT;
    at = end;
  }
  return out + text.slice(at);
}

/** Where the caret is once the secrets before it, in its line, have been replaced. */
function movedCaret(caret: number, lineStart: number, found: readonly Range[]): number {
  return found
    .filter(({ start }) => start >= lineStart && start < caret)
    .reduce((moved, { start, end }) => {
      const inside = Math.min(end, caret);
      return moved - (inside - start) + (end <= caret ? REPLACEMENT.length : 0);
    }, caret);
}

/** What a run shows anyway. */
export function shownNames(
  { user, host, database }: Partial<Pick<Connection, "user" | "host" | "database">>,
  options: {
    readonly schemas?: readonly string[];
    readonly defaultSchema?: string;
    readonly table?: string;
  } = {},
): (string | undefined)[] {
  const { schemas = [], defaultSchema, table } = options;
  return ["public", user, host, database, defaultSchema, table, ...schemas];
}

/** What may be secret of a stack's options: it keeps all of it encrypted. Of initSql each literal by itself, too. */
export function secretsOfOptions(options: {
  readonly placeholders?: Readonly<Record<string, string>>;
  readonly initSql?: string;
}): string[] {
  const { placeholders = {}, initSql = "" } = options;
  const literals = [...initSql.matchAll(/'((?:[^']|'')*)'/g)].map(([, text = ""]) => text);
  return [...Object.values(placeholders), initSql, ...literals];
}

/** The event with what it quotes of a server or of other sessions scrubbed; names and versions stay. */
export function scrubEvent(event: MigrationEvent, secrets: Secrets): MigrationEvent {
  switch (event.kind) {
    case "waitingForLock":
      return { ...event, holder: secrets.scrub(event.holder) };
    case "blocked":
    case "waitingForTable":
      return { ...event, blockers: secrets.scrub(event.blockers, [event.script]) };
    case "notice":
      return { ...event, message: secrets.scrub(event.message, namesOf(event.migration)) };
    case "warning":
      return { ...event, message: secrets.scrub(event.message) };
    case "schemasCreated":
    case "historyCreated":
    case "historyAdopted":
    case "baselined":
    case "applying":
    case "applied":
      return event;
  }
}

const namesOf = (script: string | undefined): string[] => (script === undefined ? [] : [script]);
