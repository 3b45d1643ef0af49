export interface PlaceholderSyntax {
  prefix: string;
  suffix: string;
}

export const FLYWAY_SYNTAX: PlaceholderSyntax = { prefix: "${", suffix: "}" };

/**
 * Puts an identifier of the same length in the place of each placeholder, so that the text can be
 * parsed and every offset stays. A placeholder without an end is left as it is.
 */
export function maskPlaceholders(sql: string, { prefix, suffix }: PlaceholderSyntax): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = sql.indexOf(prefix); at >= 0; at = sql.indexOf(prefix, from)) {
    const nameEnd = sql.indexOf(suffix, at + prefix.length);
    if (nameEnd < 0) break;
    const next = nameEnd + suffix.length;
    parts.push(sql.slice(from, at), identifierLike(sql.slice(at, next)));
    from = next;
  }
  parts.push(sql.slice(from));
  return parts.join("");
}

/** `${name}` becomes `p_name_`. Line breaks stay, or the lines after it would be counted wrong. */
function identifierLike(placeholder: string): string {
  return `p${placeholder.slice(1).replace(/[^A-Za-z0-9_\r\n]/g, "_")}`;
}
