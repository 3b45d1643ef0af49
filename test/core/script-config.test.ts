import assert from "node:assert/strict";

import { parseScriptConfig } from "../../engine/core/script-config";
import { failureOf } from "../support/migrations";

const parse = (text: string) => parseScriptConfig(text, "V1__a.sql.conf");

describe("core/script-config", () => {
  it("reads the keys that Flyway Community knows, comments and blank lines aside", () => {
    const text =
      "# why\r\n\r\nencoding = ISO-8859-1\nexecuteInTransaction=FALSE\rplaceholderReplacement=true";
    assert.deepEqual(parse(text), {
      encoding: "ISO-8859-1",
      executeInTransaction: false,
      placeholderReplacement: true,
    });
    assert.deepEqual(parse(""), {});
    assert.deepEqual(parse("  \n\t# why"), {});
    assert.deepEqual(parse("  encoding=UTF-16\nencoding= UTF-8 "), { encoding: "UTF-8" });
    assert.deepEqual(parse("flyway.encoding=a=b"), { encoding: "a=b" });
    assert.deepEqual(parse("encoding"), { encoding: "" });
  });

  it("refuses a key that is unknown, at its line, with those that are known", () => {
    const error = failureOf(() => parse("\nexecuteInTransactions=false"));
    assert.deepEqual([error.code, error.class], ["CONFIGURATION", "usage"]);
    assert.match(error.message, /^V1__a\.sql\.conf:2: "executeInTransactions"/);
    assert.match(error.remedy, /encoding, executeInTransaction, placeholderReplacement/);
    for (const key of ["=true", "x.flyway.encoding=a", "flyway.flyway.encoding=a"])
      assert.match(failureOf(() => parse(key)).message, /:1: ".*" is not a known key/);
  });

  it("refuses a value that is neither true nor false", () => {
    for (const value of ["maybe", "truest", "untrue", ""]) {
      const error = failureOf(() => parse(`executeInTransaction=${value}`));
      assert.equal(error.code, "CONFIGURATION");
      assert.equal(
        error.message,
        "V1__a.sql.conf:1: executeInTransaction is neither true nor false.",
      );
    }
    assert.equal(failureOf(() => parse("executeInTransaction")).code, "CONFIGURATION");
  });

  it("refuses shouldExecute with Flyway's code, and says what to do instead", () => {
    const error = failureOf(() => parse("shouldExecute=${env}==prod"));
    assert.deepEqual([error.code, error.class], ["ERROR", "migrations"]);
    assert.match(error.message, /^V1__a\.sql\.conf:1: shouldExecute is not supported/);
    assert.match(error.remedy, /folder of its own/);
  });
});
