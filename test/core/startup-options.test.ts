import assert from "node:assert/strict";

import fc from "fast-check";

import { parseConnectionUrl } from "../../engine/core/connection";
import { readStartupOptions, writeStartupOptions } from "../../engine/core/startup-options";
import { failureOf } from "../support/migrations";

const read = (text: string) => readStartupOptions(text, (what) => new Error(what));

describe("core/startup-options", () => {
  const cases: [string, Record<string, string>][] = [
    ["", {}],
    ["-c search_path=app", { search_path: "app" }],
    ["-csearch_path=app", { search_path: "app" }],
    ["--search-path=app", { search_path: "app" }],
    [
      "  -c  Search_Path=app,public\t-c work_mem=8MB ",
      { search_path: "app,public", work_mem: "8MB" },
    ],
    [String.raw`-c search_path=app,\ public`, { search_path: "app, public" }],
    [String.raw`-c app.path=C:\\x`, { "app.path": String.raw`C:\x` }],
    ["-c search_path=a -c search_path=b", { search_path: "b" }],
    ["-c app.filter=a=b", { "app.filter": "a=b" }],
    ["-c role=", { role: "" }],
    ["-c client_encoding=utf8", { client_encoding: "utf8" }],
    ["-c client_encoding=UTF-8", { client_encoding: "UTF-8" }],
    ["-c client_encoding=Unicode", { client_encoding: "Unicode" }],
    ["-c standard_conforming_strings=yes", { standard_conforming_strings: "yes" }],
    ["-c app.x=a\\", { "app.x": "a" }],
    ["-c app.x=--a=-cb", { "app.x": "--a=-cb" }],
    ["--app.x=a\\\nb", { "app.x": "a\nb" }],
  ];
  for (const [text, expected] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual(read(text), expected);
    });
  }

  const refused: [string, RegExp][] = [
    ["-W 5", /the switch -W$/],
    ["-c", /the switch -c$/],
    ["-WCANARY", /the switch -W$/],
    ["x-c a=CANARY", /a word that is no switch$/],
    ["x--a=CANARY", /a word that is no switch$/],
    ["-c a-b.1=CANARY", /name=value$/],
    ["-c client_encoding=xutf8", /client_encoding in options cannot/],
    ["-c client_encoding=utf8x", /client_encoding in options cannot/],
    ["-c standard_conforming_strings=xon", /standard_conforming_strings in options cannot/],
    ["-c standard_conforming_strings=onx", /standard_conforming_strings in options cannot/],
    ["search_path=CANARY", /no switch$/],
    ["-c CANARY", /name=value$/],
    ["--CANARY", /name=value$/],
    ["-c 1x=CANARY", /name=value$/],
    ["-c __proto__=CANARY", /name=value$/],
    ["-c client_encoding=LATIN1", /^client_encoding in options cannot be changed/],
    ["-c standard_conforming_strings=off", /^standard_conforming_strings in options cannot/],
    ["-c app.x=CANARY\0", /^app\.x in options holds a NUL/],
  ];
  for (const [text, says] of refused) {
    it(`refuses ${JSON.stringify(text)} by name, without its value`, () => {
      assert.throws(
        () => read(text),
        ({ message }: Error) => says.test(message) && !message.includes("CANARY"),
      );
    });
  }

  it("writes what it reads again, whatever the value", () => {
    const value = fc.string({ unit: "binary" }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("a", "b.c", "d_e"), value), (defaults) => {
        assert.deepEqual(read(writeStartupOptions(defaults)), { ...defaults });
      }),
    );
  });
});

describe("core/startup-options: in a URL", () => {
  for (const url of [
    "jdbc:postgresql://h/d?options=-c%20search_path%3Dapp%20-c%20work_mem=8MB",
    "jdbc:postgresql://h/d?user=app&options=-c+search_path%3Dapp+-c+work_mem=8MB",
    "postgresql://app:p@ss/w@h/d?options=-c search_path=app -c work_mem=8MB",
  ]) {
    it(`are read: ${url}`, () => {
      const { defaults, host } = parseConnectionUrl(url);
      assert.deepEqual([defaults, host], [{ search_path: "app", work_mem: "8MB" }, "h"]);
    });
  }

  it("keep a + of a postgresql: URL, and an encoded one of JDBC's", () => {
    for (const url of [
      "postgresql://h/d?options=-c%20a.b=1+2",
      "jdbc:postgresql://h/d?options=-c+a.b=1%2B2",
    ])
      assert.deepEqual(parseConnectionUrl(url).defaults, { "a.b": "1+2" });
  });

  it("are refused as configuration where the server could not honour them", () => {
    const error = failureOf(() => parseConnectionUrl("jdbc:postgresql://h/d?options=-e"));
    assert.deepEqual([error.code, error.class], ["CONFIGURATION", "usage"]);
    assert.match(error.message, /the switch -e/);
  });
});
