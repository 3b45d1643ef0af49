import assert from "node:assert/strict";

import fc from "fast-check";

import { checksum } from "../../engine/core/checksum";

/** Texts and the checksums that Flyway 13 wrote into its history for them. */
const FLYWAY: [string, string, number][] = [
  ["a one-line file", "CREATE TABLE a (id int PRIMARY KEY);\n", 1112353363],
  ["a byte order mark", "\uFEFFCREATE TABLE a (id int PRIMARY KEY);\n", 1112353363],
  ["LF", "-- one\nCREATE TABLE a (\n  id int\n);\n", -1592092033],
  ["CRLF", "-- one\r\nCREATE TABLE a (\r\n  id int\r\n);\r\n", -1592092033],
  ["a lone CR", "-- one\rCREATE TABLE a (\r  id int\r);", -1592092033],
  ["two lines", "CREATE TABLE a (\n  id int);\n", 1420201952],
  ["blank lines", "\n\nCREATE TABLE a (\n\n  id int);\n\n\n", 1420201952],
  ["joined lines", "CREATE TABLE a (  id int);", 1420201952],
  ["an empty file", "", 0],
  ["comments only", "-- nothing here\n/* nor here */\n", -1341303653],
  ["blanks only", "  \n\t\n", 726926324],
  ["semicolons only", ";;\n ; \n", 141068346],
  [
    "text beyond ASCII and the basic plane",
    "CREATE TABLE a (t text);\nINSERT INTO a VALUES ('žluťoučký kůň'), ('日本語'), ('emoji 😀 end');\n",
    838433358,
  ],
  ["é", "CREATE TABLE a (t text);\nINSERT INTO a VALUES ('café');\n", -822182616],
];

describe("core/checksum", () => {
  for (const [what, text, expected] of FLYWAY) {
    it(`gives Flyway's checksum for ${what}`, () => {
      assert.equal(checksum(text), expected);
      assert.equal(checksum(new TextEncoder().encode(text)), expected);
    });
  }

  const ends = fc.constantFrom("\n", "\r\n", "\r", "\n\n", "\r\n\r\n\n", "");
  const line = fc.string({ unit: "binary" }).map((text) => text.replace(/[\r\n\uFEFF]/g, ""));

  it("counts neither line ends, blank lines nor a byte order mark in front", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(line, ends)), fc.boolean(), (lines, mark) => {
        const plain = lines.map(([text]) => text).join("\n");
        const written = lines.map(([text, end]) => text + end).join("");
        assert.equal(checksum((mark ? "\uFEFF" : "") + written), checksum(plain));
      }),
    );
  });

  it("counts everything else: trailing blanks, other line separators, a later byte order mark", () => {
    const text = "CREATE TABLE a (id int);";
    for (const more of [" ", "\t", "\u2028", "\u0085", "\v", "\f", "\0"]) {
      assert.notEqual(checksum(text + more), checksum(text), JSON.stringify(more));
    }
    assert.notEqual(checksum(`${text}\n\uFEFFSELECT 1;`), checksum(`${text}\nSELECT 1;`));
  });

  it("is the same for a long text and its bytes, wherever the text is cut into pieces", () => {
    for (let before = (1 << 14) - 3; before < (1 << 14) + 3; before++) {
      const text = `${"x".repeat(before)}😀é日\n${"😀".repeat(1 << 14)}\uD83D`;
      assert.equal(checksum(text), checksum(new TextEncoder().encode(text)), `${before}`);
    }
  });

  it("cuts no pair of surrogates in two, be it the first there is", () => {
    const text = `${"x".repeat((1 << 14) - 1)}\u{10000}end`;
    assert.equal(checksum(text), checksum(new TextEncoder().encode(text)));
  });

  it("takes all three bytes of a byte order mark for one, and no fewer", () => {
    const mark = [0xef, 0xbb, 0xbf];
    const ofBytes = (...bytes: number[]) => checksum(Uint8Array.from([...bytes, 0x61]));
    assert.equal(ofBytes(...mark), ofBytes());
    for (const at of mark.keys()) {
      const broken = mark.map((byte, i) => (i === at ? 0x62 : byte));
      assert.notEqual(ofBytes(...broken), ofBytes(), `byte ${at}`);
    }
  });

  it("is a signed 32-bit number", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.equal(checksum(text), checksum(text) | 0);
      }),
    );
  });
});
