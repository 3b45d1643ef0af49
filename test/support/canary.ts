/** A password that no output, log or state may ever show, and every form in which one could. */
import { randomBytes } from "node:crypto";

/** No other text anywhere ends like this, so that a part of the password is found too. */
const TAIL = randomBytes(6).toString("hex");

/** Of all that has a meaning in a URL, in JSON and in a shell, and not of ASCII alone. */
export const CANARY = `cän@ry:/%# "p4ss${TAIL}`;

const FORMS: Readonly<Record<string, string>> = {
  "as it is": CANARY,
  "percent-encoded": encodeURIComponent(CANARY),
  "as a part of a URL": new URL(`x://u:${encodeURIComponent(CANARY)}@h`).password,
  "JSON-escaped": JSON.stringify(CANARY).slice(1, -1),
  "JSON-escaped to ASCII": JSON.stringify(CANARY).slice(1, -1).replaceAll("ä", "\\u00e4"),
  base64: Buffer.from(CANARY).toString("base64"),
  hexadecimal: Buffer.from(CANARY).toString("hex"),
  "its beginning": "cän@ry",
  "its beginning, percent-encoded": encodeURIComponent("cän@ry"),
  "its end": TAIL,
};

/** @returns the forms in which the password stands in the text or the bytes */
export function canariesIn(material: string | Buffer): string[] {
  const bytes = Buffer.from(material);
  return Object.keys(FORMS).filter((form) => bytes.includes(Buffer.from(FORMS[form] ?? "")));
}
