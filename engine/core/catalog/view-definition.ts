/**
 * One form for the definition of a view, whichever release of PostgreSQL printed it.
 *
 * Up to 15, PostgreSQL prints `SELECT users.id FROM public.users`; from 16 on it leaves out the qualifier where the
 * query reads a single relation: `SELECT id FROM public.users`. Without this, an upgrade of the server would report
 * every such view as drift. Dropping the qualifier loses nothing: in subqueries PostgreSQL always prints one, so an
 * unqualified column can only be one of the single relation.
 */

const TOKEN =
  /E'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*|\s+|./gsu;
const FROM_ENDS = /^(?:WHERE|GROUP|HAVING|WINDOW|ORDER|LIMIT|OFFSET|FETCH|FOR|TABLESAMPLE|;)$/;
const MORE_THAN_ONE = /^(?:UNION|INTERSECT|EXCEPT|,)$/;

const isName = (token: string | undefined) =>
  token !== undefined && /^["\p{L}_]/u.test(token) && !token.startsWith("E'");

/** @param definition as `pg_get_viewdef` prints it, not pretty */
export function normaliseView(definition: string): string {
  const tokens = definition.match(TOKEN) ?? [];
  const alias = singleRelation(tokens);
  if (alias === undefined) return definition;
  const isQualifier = (at: number) =>
    tokens[at] === alias &&
    tokens[at + 1] === "." &&
    tokens[at - 1] !== "." &&
    isName(tokens[at + 2]);
  return tokens.filter((_, at) => !isQualifier(at) && !(at > 0 && isQualifier(at - 1))).join("");
}

/** @returns the name by which the outermost query calls the one relation it reads, if it is one */
function singleRelation(tokens: readonly string[]): string | undefined {
  const outer = outermost(tokens);
  const from = outer.indexOf("FROM");
  if (from < 0 || outer.some((token) => /^(?:UNION|INTERSECT|EXCEPT)$/.test(token)))
    return undefined;
  const rest = outer.slice(from + 1);
  const end = rest.findIndex((token) => FROM_ENDS.test(token));
  const clause = end < 0 ? rest : rest.slice(0, end);
  if (clause.some((token) => MORE_THAN_ONE.test(token))) return undefined;
  return clause.filter(isName).at(-1);
}

/** @returns the tokens outside all parentheses (a join is printed inside them, and so has no name here) */
function outermost(tokens: readonly string[]): string[] {
  let depth = 0;
  return tokens.filter((token) => {
    if (token === "(") depth += 1;
    if (token === ")") depth -= 1;
    return depth === 0;
  });
}
