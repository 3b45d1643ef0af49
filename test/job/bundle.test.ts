import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";

import fc from "fast-check";

import { BundleError, packBundle, unpackBundle } from "../../engine/job/bundle";

const NAME = fc
  .string({ unit: fc.constantFrom(..."abV1_.é-"), minLength: 1, maxLength: 8 })
  .filter((name) => name !== "." && name !== "..");
const PATH = fc.array(NAME, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
const BYTES = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ unit: "binary" }).map((text) => new TextEncoder().encode(text)),
);
const FILES = fc
  .uniqueArray(fc.tuple(PATH, BYTES), { selector: ([path]) => path })
  .map((entries) => new Map(entries));

/** A bundle as somebody else might make it. */
const forged = (files: unknown, formatVersion: unknown = 1) =>
  gzipSync(JSON.stringify({ formatVersion, files }));

describe("a bundle of migrations", () => {
  it("gives back every file, byte for byte", () => {
    fc.assert(
      fc.property(FILES, (files) => {
        const unpacked = unpackBundle(packBundle(files));
        assert.deepEqual([...unpacked.keys()], [...files.keys()].sort());
        for (const [path, bytes] of files)
          assert.ok(unpacked.get(path)?.equals(Buffer.from(bytes)), path);
      }),
    );
  });

  it("is the same for the same files, in whatever order they come", () => {
    fc.assert(
      fc.property(FILES, (files) => {
        const backwards = new Map([...files].reverse());
        assert.ok(packBundle(files).equals(packBundle(backwards)));
      }),
    );
  });

  it("does not hold the time or the system that packed it", () => {
    const packed = packBundle(new Map([["V1__a.sql", Buffer.from("SELECT 1;")]]));
    assert.equal(packed.readUInt32LE(4), 0);
    assert.equal(packed[9], 255);
  });

  it("packs SQL to a small part of its size", () => {
    const sql = Buffer.from("CREATE TABLE some_table (id bigint PRIMARY KEY);\n".repeat(1000));
    assert.ok(packBundle(new Map([["V1__a.sql", sql]])).length < sql.length / 50);
  });

  const outside = [
    "/etc/passwd",
    "../x",
    "a/../../x",
    "a/..",
    "",
    "a//b",
    "./a",
    "a\\..\\b",
    "C:/a",
  ];
  for (const path of [...outside, "a\0b"]) {
    it(`refuses the path ${JSON.stringify(path)} in both directions`, () => {
      const says = (error: unknown) =>
        error instanceof BundleError && error.message.includes(JSON.stringify(path));
      assert.throws(() => packBundle(new Map([[path, Buffer.from("x")]])), says);
      assert.throws(() => unpackBundle(forged([[path, "x"]])), says);
    });
  }

  const packed = packBundle(new Map([["V1__a.sql", Buffer.from("SELECT 1;".repeat(50))]]));
  const damaged: Readonly<Record<string, Uint8Array>> = {
    "an empty file": Buffer.alloc(0),
    "a file that is no gzip": Buffer.from("SELECT 1;"),
    "one that was cut": packed.subarray(0, packed.length - 12),
    "one with a flipped bit": packed.map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
    "JSON that is no bundle": gzipSync("[]"),
    "no JSON": gzipSync("hello"),
    "a newer format": forged([], 2),
    "a file without content": forged([["a"]]),
    "a content that is neither": forged([["a", 5]]),
    "a path that is there twice": forged([
      ["a", "1"],
      ["a", "2"],
    ]),
    "more than it may unpack to": gzipSync(Buffer.alloc(200 * 1024 * 1024), { level: 1 }),
  };
  for (const [what, bytes] of Object.entries(damaged)) {
    it(`refuses ${what}`, () => {
      assert.throws(() => unpackBundle(bytes), BundleError);
    });
  }
});
