import assert from "node:assert/strict";

import fc from "fast-check";

import {
  inSequence,
  placeholderValues,
  replacePlaceholders,
  sourceOffset,
  withoutByteOrderMarks,
} from "../../engine/core/placeholders";
import { failureOf, options } from "../support/migrations";

const values = (own: Record<string, string>) =>
  placeholderValues(own, { defaultSchema: "public", filename: "V1__a.sql" }, ":");
const replace = (text: string, own: Record<string, string> = {}, more = {}) =>
  replacePlaceholders(text, values(own), options(more), "V1__a.sql");

describe("core/placeholders: replacement", () => {
  const cases: [string, string, Record<string, string>, string][] = [
    ["any case of the name", "${Name} ${NAME}", { nAmE: "x" }, "x x"],
    [
      "Flyway's defaults, in any case",
      "${flyway:defaultSchema} ${FLYWAY:FILENAME}",
      {},
      "public V1__a.sql",
    ],
    ["comments and strings alike", "-- ${a}\n'${a}'", { a: "x" }, "-- x\n'x'"],
    ["an empty value", "[${a}]", { a: "" }, "[]"],
    ["a value with SQL, which is not looked at again", "${a}", { a: "${b}; $&" }, "${b}; $&"],
    ["behind a backslash: there is no escape", "\\${a}", { a: "x" }, "\\x"],
    ["behind an even number of dollars", "$$${a} $q$ ${a} $q$", { a: "x" }, "$$x $q$ x $q$"],
    ["a name with blanks, which are part of it", "${ a }", { " a ": "x" }, "x"],
    ["neighbours", "${a}${b}${a}", { a: "1", b: "2" }, "121"],
    ["unless what stands there is no placeholder", "$a {a} $ {a} }", { a: "x" }, "$a {a} $ {a} }"],
  ];
  for (const [what, text, own, expected] of cases) {
    it(`replaces ${what}`, () => {
      assert.equal(replace(text, own).text, expected);
    });
  }

  // Flyway reads dollars two by two: of an even number none is left to begin a placeholder.
  for (const text of ["$${a}", "b$${a}", "$q$${a}$q$", "$$$${a}", "$${nope}", "$${a", "$b{a}"]) {
    it(`leaves ${text} as it is`, () => {
      assert.deepEqual(replace(text, { a: "x" }), { text, replacements: [] });
    });
  }

  it("reads past what began like a prefix, as Flyway does", () => {
    const syntax = { placeholderPrefix: "aab", placeholderSuffix: "@" };
    assert.equal(replace("aabx@ aaabx@", { x: "1" }, syntax).text, "1 aaabx@");
    assert.equal(
      replace("##[x@ #[x@", { x: "1" }, { ...syntax, placeholderPrefix: "#[" }).text,
      "##[x@ 1",
    );
  });

  it("refuses a prefix or suffix that is empty", () => {
    for (const key of ["placeholderPrefix", "placeholderSuffix"]) {
      const error = failureOf(() => replace("${a}", { a: "x" }, { [key]: "" }));
      assert.deepEqual([error.code, error.class], ["CONFIGURATION", "usage"]);
      assert.match(error.message, new RegExp(key));
    }
  });

  it("takes prefix and suffix from the options", () => {
    const syntax = { placeholderPrefix: "@@", placeholderSuffix: "@@" };
    assert.equal(replace("@@a@@ ${a}", { a: "x" }, syntax).text, "x ${a}");
  });

  it("lets own values win over Flyway's, and uses the separator that is set", () => {
    const own = { flyway_table: "mine" };
    const map = placeholderValues(own, { table: "theirs", user: "u" }, "_");
    assert.equal(map.get("flyway_table"), "mine");
    assert.equal(map.get("flyway_user"), "u");
  });

  it("leaves text without the prefix as it is", () => {
    const text = fc.string({ unit: "binary" }).filter((each) => !each.includes("${"));
    fc.assert(
      fc.property(text, fc.dictionary(fc.string(), fc.string()), (sql, own) => {
        assert.deepEqual(replace(sql, own), { text: sql, replacements: [] });
      }),
    );
  });
});

describe("core/placeholders: mistakes", () => {
  it("refuses a name without a value, and says its line, its name and which names there are", () => {
    const error = failureOf(() => replace("a\nb ${Nope}", { schema: "x", owner: "y" }));
    assert.equal(error.code, "ERROR");
    assert.equal(error.class, "migrations");
    assert.equal(error.message, "V1__a.sql:2: the placeholder ${Nope} has no value.");
    assert.match(error.remedy, /Known placeholders: owner, schema\..*placeholders\.Nope=/);
    assert.equal(error.place.line, 2);
    assert.equal(error.place.migration, "V1__a.sql");
  });

  it("refuses one inside a comment, too, as Flyway does", () => {
    assert.match(failureOf(() => replace("/* ${x} */")).message, /\$\{x\}/);
    assert.match(failureOf(() => replace("${flyway:x}")).message, /\$\{flyway:x\}/);
  });

  it("names no placeholders where there are none but Flyway's", () => {
    assert.match(failureOf(() => replace("${x}")).remedy, /^Give it one \(placeholders\.x=…\)/);
  });

  it("counts the lines from the first, be it empty", () => {
    assert.equal(failureOf(() => replace("\n${x}\n")).place.line, 2);
    assert.equal(failureOf(() => replace("${x}\n")).place.line, 1);
  });

  it("refuses a placeholder without an end, at the line where it begins", () => {
    const error = failureOf(() => replace("a\n\n'${a'\nb", { a: "x" }));
    assert.deepEqual([error.code, error.class], ["ERROR", "migrations"]);
    assert.equal(error.message, "V1__a.sql:3: a placeholder begins with ${ and has no end.");
    assert.equal(error.place.line, 3);
    assert.match(error.remedy, /}/);
  });

  it("never shows a value", () => {
    const error = failureOf(() => replace("${a}${b}", { a: "canary" }));
    assert.ok(!`${error.message}${error.remedy}`.includes("canary"));
  });
});

describe("core/placeholders: the way back to the file", () => {
  it("gives the offset in the file of what stands in the replaced text", () => {
    const source = "SELECT ${a}, ${long}, 3";
    const { text, replacements } = replace(source, { a: "'quite long'", long: "2" });
    assert.equal(text, "SELECT 'quite long', 2, 3");
    assert.equal(sourceOffset(replacements, text.indexOf("SELECT")), 0);
    assert.equal(sourceOffset(replacements, text.indexOf("long'")), source.indexOf("${a}"));
    assert.equal(sourceOffset(replacements, text.indexOf("2")), source.indexOf("${long}"));
    assert.equal(sourceOffset(replacements, text.indexOf(", 3")), source.indexOf(", 3"));
    assert.equal(sourceOffset(replacements, text.length), source.length);
  });

  it("finds every character of a text that lost its byte order marks, and then its placeholders", () => {
    const mark = "\uFEFF";
    const piece = fc.oneof(
      fc.constantFrom(mark, "${a}", `\${${mark}a}`, `$${mark}{a}`, "${empty}"),
      fc.constantFrom("x", "$ ", "{}"),
    );
    const own = values({ a: "longer than its name", empty: "" });
    fc.assert(
      fc.property(fc.array(piece), fc.array(piece), (before, after) => {
        const source = `${before.join("")}☞${after.join("")}`;
        const clean = withoutByteOrderMarks(source);
        const replaced = replacePlaceholders(clean.text, own, options(), "V1__a.sql");
        const { text, replacements } = inSequence(clean.replacements, replaced);
        assert.ok(!text.includes(mark));
        assert.equal(sourceOffset(replacements, text.indexOf("☞")), source.indexOf("☞"));
        assert.equal(sourceOffset(replacements, text.length), source.length);
      }),
    );
  });

  it("finds every character that was not replaced, whatever lies before it", () => {
    const piece = fc.oneof(
      fc.constantFrom("${a}", "${b}", "${empty}"),
      fc.string({ maxLength: 8 }).map((text) => text.replaceAll("$", "")),
    );
    const own = { a: "longer than its name", b: "1", empty: "" };
    fc.assert(
      fc.property(fc.array(piece), fc.array(piece), (before, after) => {
        const source = `${before.join("")}☞${after.join("")}`;
        const { text, replacements } = replace(source, own);
        assert.equal(sourceOffset(replacements, text.indexOf("☞")), source.indexOf("☞"));
        assert.equal(sourceOffset(replacements, text.length), source.length);
      }),
    );
  });
});
