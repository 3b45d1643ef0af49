/** A password that no output, log or state may ever show, and every form in which one could. */

/** Of all that has a meaning in a URL, and not of ASCII alone. */
export const CANARY = "cän@ry:/%# p4ss";

const percentEncoded = encodeURIComponent(CANARY);

const FORMS: readonly string[] = [
  CANARY,
  percentEncoded,
  percentEncoded.toLowerCase(),
  encodeURI(CANARY),
  encodeURI(CANARY).replaceAll("%25", "%"),
  CANARY.replaceAll("ä", "\\u00e4"),
  CANARY.replaceAll("/", "\\/"),
  CANARY.normalize("NFD"),
  Buffer.from(CANARY).toString("base64"),
  Buffer.from(CANARY).toString("hex"),
  // What is left where only a part was taken for the secret.
  "p4ss",
];

/** @returns the forms of the password that stand in the text or the bytes */
export function canariesIn(material: string | Buffer): string[] {
  // latin1 keeps each byte as it is, so that also what is no text can be searched.
  const bytes = (typeof material === "string" ? Buffer.from(material) : material).toString(
    "latin1",
  );
  return FORMS.filter((form) => bytes.includes(Buffer.from(form).toString("latin1")));
}
