import assert from "node:assert/strict";

import fc from "fast-check";

import { checksum } from "../../engine/core/checksum";
import { decodeScript, detectEncoding, isUtf8Name, tooLarge } from "../../engine/files/decode";
import { failureOf } from "../support/migrations";

const SQL = "CREATE TABLE a (t text);\nINSERT INTO a VALUES ('café');\n";
const decode = (bytes: Uint8Array, encoding = "UTF-8") =>
  decodeScript(bytes, encoding, "sub/V1__a.sql");

const utf16 = (text: string, order: "le" | "be") => {
  const bytes = Buffer.from(text, "utf16le");
  return order === "le" ? bytes : bytes.swap16();
};

describe("files/decode: encodings", () => {
  const cases: [string, string, Uint8Array][] = [
    ["UTF-8", "UTF-8", Buffer.from(SQL)],
    ["UTF-8 with a byte order mark", "utf8", Buffer.from(`\uFEFF${SQL}`)],
    ["ISO-8859-1", "ISO-8859-1", Buffer.from(SQL, "latin1")],
    ["latin1, by its other name", "latin1", Buffer.from(SQL, "latin1")],
    ["windows-1252", "windows-1252", Buffer.from(SQL, "latin1")],
    ["UTF-16 with a little-endian mark", "UTF-16", utf16(`\uFEFF${SQL}`, "le")],
    ["UTF-16 with a big-endian mark", "UTF-16", utf16(`\uFEFF${SQL}`, "be")],
    ["UTF-16 without a mark, big-endian as in Java", "UTF-16", utf16(SQL, "be")],
    ["UTF-16LE", "UTF-16LE", utf16(SQL, "le")],
    ["UTF-16BE", "UTF-16BE", utf16(SQL, "be")],
  ];
  for (const [title, encoding, bytes] of cases) {
    it(`reads ${title}, with the checksum that Flyway has for the text`, () => {
      const text = decode(bytes, encoding);
      assert.equal(text, SQL);
      assert.equal(checksum(text), -822182616);
    });
  }

  it("reads bytes 0x80 to 0x9F of ISO-8859-1 as Java does, as control characters", () => {
    assert.equal(decode(Uint8Array.of(0x80, 0x9f), "ISO-8859-1"), "\u0080\u009f");
  });

  it("reads them of windows-1252 as the characters that they stand for", () => {
    assert.equal(decode(Uint8Array.of(0x80, 0x93, 0x94, 0x9f), "windows-1252"), "€“”Ÿ");
    assert.equal(decode(Uint8Array.of(0x82, 0x8e, 0xe9), "Cp1252"), "‚Žé");
  });

  it("takes one byte order mark away, at the start only", () => {
    assert.equal(decode(Buffer.from("\uFEFF\uFEFFa")), "\uFEFFa");
    assert.equal(decode(utf16("\uFEFF\uFEFFa", "le"), "UTF-16"), "\uFEFFa");
    assert.equal(decode(Buffer.from("a\uFEFFb")), "a\uFEFFb");
  });

  it("reads US-ASCII where the file is ASCII", () => {
    assert.equal(decode(Buffer.from("SELECT 1;"), "US-ASCII"), "SELECT 1;");
  });

  it("gives back any text that was written as UTF-8", () => {
    const text = fc.string({ unit: "binary" }).filter((each) => !each.startsWith("\uFEFF"));
    fc.assert(
      fc.property(text, (each) => {
        assert.equal(decode(Buffer.from(each)), each);
      }),
    );
  });
});

describe("files/decode: names of encodings", () => {
  const odd = Uint8Array.of(0x80, 0xa4, 0x9f);
  const names: [string, string, Uint8Array][] = [
    ...["ISO-8859-1", "iso8859_1", "ISO_8859-1", "Latin1", "latin-1"].map(
      (name): [string, string, Uint8Array] => [name, "\u0080¤\u009f", odd],
    ),
    ...["windows-1252", "CP1252", "cp-1252"].map((name): [string, string, Uint8Array] => [
      name,
      "€¤Ÿ",
      odd,
    ]),
    ["ISO-8859-15", "€", Uint8Array.of(0xa4)],
    ["ascii", "a\u007f", Uint8Array.of(0x61, 0x7f)],
    ["us-ascii", "a", Uint8Array.of(0x61)],
    ["utf16", "a", Uint8Array.of(0, 0x61)],
    ["UTF-16", "\uff00\u00fe", Uint8Array.of(0xff, 0, 0, 0xfe)],
  ];
  for (const [name, text, bytes] of names) {
    it(`knows ${name}`, () => assert.equal(decode(bytes, name), text));
  }

  for (const name of [
    "xlatin1",
    "xcp1252",
    "cp12520",
    "xus-ascii",
    "ascii7",
    "xutf-16",
    "utf16x",
  ]) {
    it(`does not know ${name}`, () => {
      assert.equal(failureOf(() => decode(odd, name)).code, "CONFIGURATION");
    });
  }

  it("takes these for UTF-8, and no others", () => {
    const all = ["UTF-8", "utf8", "xutf-8", "utf-8x", "UTF-16", "latin1"];
    assert.deepEqual(all.filter(isUtf8Name), ["UTF-8", "utf8"]);
  });

  const detected: [string, Uint8Array, string][] = [
    ["a big-endian mark", Uint8Array.of(0xfe, 0xff, 0, 0x61), "UTF-16BE"],
    ["a little-endian mark", Uint8Array.of(0xff, 0xfe, 0x61, 0), "UTF-16LE"],
    ["the first half of a big-endian mark", Uint8Array.of(0xfe, 0x61), "ISO-8859-1"],
    ["the second half of it", Uint8Array.of(0x61, 0xff), "ISO-8859-1"],
    ["the first half of a little-endian mark", Uint8Array.of(0xff, 0x61), "ISO-8859-1"],
    ["the second half of it", Uint8Array.of(0x61, 0xfe), "ISO-8859-1"],
    ["UTF-8", Buffer.from("é"), "UTF-8"],
    ["a byte order mark of UTF-8", Buffer.from("\uFEFFa"), "UTF-8"],
    ["nothing", Uint8Array.of(), "UTF-8"],
  ];
  for (const [what, bytes, encoding] of detected) {
    it(`detects ${encoding} from ${what}`, () => assert.equal(detectEncoding(bytes), encoding));
  }
});

describe("files/decode: mistakes", () => {
  it("says of a latin-1 file read as UTF-8 which line is malformed, and what to do", () => {
    for (const encoding of ["UTF-8", "utf8"]) {
      const error = failureOf(() => decode(Buffer.from(SQL, "latin1"), encoding));
      assert.equal(error.code, "ERROR");
      assert.equal(error.class, "migrations");
      assert.equal(error.place.line, 2);
      assert.equal(error.place.migration, "sub/V1__a.sql");
      assert.match(error.message, /^sub\/V1__a\.sql:2: .*not valid utf-?8/i);
      assert.match(error.remedy, /encoding.*ISO-8859-1/);
    }
  });

  it("counts the line of a malformed byte, be it the first or the last of the file", () => {
    const lineOf = (text: string, encoding: string) =>
      failureOf(() => decode(Buffer.from(text, "latin1"), encoding)).place.line;
    for (const encoding of ["UTF-8", "US-ASCII"]) {
      assert.equal(lineOf("\xe9\nok\n", encoding), 1, encoding);
      assert.equal(lineOf("a\nok\n\xe9", encoding), 3, encoding);
    }
    assert.equal(lineOf("\xc3\xa9\nok\n\xe9\n", "UTF-8"), 3);
  });

  it("says how much one migration may hold, and what to do with more", () => {
    const { code, class: errorClass, message, remedy, place } = tooLarge("V1__a.sql");
    assert.deepEqual([code, errorClass, place.migration], ["ERROR", "migrations", "V1__a.sql"]);
    assert.match(message, /^V1__a\.sql: the file has more than \d{3} MB/);
    assert.match(remedy, /Split it.*psql/);
  });

  it("refuses what is beyond ASCII in a file said to be US-ASCII, with its line", () => {
    const error = failureOf(() => decode(Buffer.from(SQL), "US-ASCII"));
    assert.equal(error.code, "ERROR");
    assert.equal(error.place.line, 2);
  });

  it("refuses the five bytes that windows-1252 has no character for", () => {
    for (const byte of [0x81, 0x8d, 0x8f, 0x90, 0x9d]) {
      const error = failureOf(() => decode(Uint8Array.of(0x0a, byte), "windows-1252"));
      assert.equal(error.place.line, 2, byte.toString(16));
    }
  });

  it("refuses half a character of UTF-16", () => {
    const error = failureOf(() => decode(Uint8Array.of(0xfe, 0xff, 0), "UTF-16"));
    assert.equal(error.code, "ERROR");
    assert.equal(error.message, "sub/V1__a.sql: the file is not valid UTF-16.");
  });

  it("refuses an encoding that nobody knows, by name", () => {
    const error = failureOf(() => decode(Buffer.from("x"), "UTF-9"));
    assert.equal(error.code, "CONFIGURATION");
    assert.equal(error.class, "usage");
    assert.match(error.message, /"UTF-9"/);
  });
});
