const MAX_BYTES = 63;
const UNICODE_ESCAPE = /\\(?:\\|([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6}))/g;

/**
 * The name that an identifier token stands for: unquoted ones folded to lower case (ASCII only, as
 * in a UTF-8 database), quotes and U&"…" escapes undone, cut to 63 bytes as the server does
 * (NAMEDATALEN). UESCAPE with another escape character is not looked at.
 */
export function identifierName(token: string): string {
  return truncate(decode(token));
}

function decode(token: string): string {
  if (token.startsWith('"')) return unquote(token.slice(1, -1));
  if (/^u&"/i.test(token)) return unescape(unquote(token.slice(3, -1)));
  return token.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function unquote(inner: string): string {
  return inner.replaceAll('""', '"');
}

function unescape(text: string): string {
  return text.replace(UNICODE_ESCAPE, (whole: string, four?: string, six?: string) => {
    const code = Number.parseInt(four ?? six ?? "", 16);
    if (Number.isNaN(code)) return "\\";
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function truncate(name: string): string {
  let bytes = 0;
  let kept = "";
  for (const character of name) {
    bytes += utf8Length(character.codePointAt(0) ?? 0);
    if (bytes > MAX_BYTES) return kept;
    kept += character;
  }
  return name;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
