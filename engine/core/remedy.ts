/** A database of a stack, as the command is given it. */
export interface StackTarget {
  readonly stack: string;
  readonly database: string;
}

/** Written to be safe in a shell; names that need no quotes get none. */
const word = (text: string): string =>
  /^[\w./@%+=:-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** A remedy whose "run repair" is the whole command, to be pasted. */
export function pasteable(remedy: string, { stack, database }: StackTarget): string {
  const command = `tidemark repair --stack ${word(stack)} --database ${word(database)}`;
  return remedy.replace(/\brun repair\b/g, () => `run \`${command}\``);
}
