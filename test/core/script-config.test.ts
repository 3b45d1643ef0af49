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
  });

  it("refuses a key that is unknown, at its line, with those that are known", () => {
    const error = failureOf(() => parse("\nexecuteInTransactions=false"));
    assert.equal(error.code, "CONFIGURATION");
    assert.match(error.message, /^V1__a\.sql\.conf:2: "executeInTransactions"/);
    assert.match(error.remedy, /encoding, executeInTransaction, placeholderReplacement/);
  });

  it("refuses a value that is neither true nor false", () => {
    assert.equal(failureOf(() => parse("executeInTransaction=maybe")).code, "CONFIGURATION");
    assert.equal(failureOf(() => parse("executeInTransaction")).code, "CONFIGURATION");
  });

  it("refuses shouldExecute with Flyway's code, and says what to do instead", () => {
    const error = failureOf(() => parse("shouldExecute=${env}==prod"));
    assert.equal(error.code, "ERROR");
    assert.match(error.remedy, /folder of its own/);
  });
});
