import assert from "node:assert/strict";

import { networkError } from "../../engine/core/network-error";

const failed = (code: string, message = `connect ${code} 10.0.0.1:5432`) =>
  Object.assign(new Error(message), { code });

describe("core/network-error", () => {
  const words: [string, RegExp][] = [
    ["ECONNREFUSED", /^nothing listens there$/],
    ["ENOTFOUND", /^the host name is unknown$/],
    ["EAI_AGAIN", /^the host name cannot be looked up now$/],
    ["ETIMEDOUT", /^no answer in time$/],
    ["EHOSTUNREACH", /no route to the host/],
    ["ENETUNREACH", /no route to the network/],
    ["ECONNRESET", /was reset/],
  ];
  for (const [code, reason] of words) {
    it(`says in words what ${code} means`, () => {
      const error = networkError(failed(code));
      assert.equal(error.code, code);
      assert.equal(error.said, `connect ${code} 10.0.0.1:5432`);
      assert.match(error.reason, reason);
    });
  }

  it("says of anything else what was said", () => {
    assert.deepEqual(networkError(new Error("closed")), {
      code: "",
      said: "closed",
      reason: "closed",
    });
    assert.deepEqual(networkError("odd"), { code: "", said: "odd", reason: "odd" });
    assert.equal(networkError(failed("EODD", "odd one")).reason, "odd one");
  });

  it("takes of several addresses the first one's error", () => {
    const all = new AggregateError([failed("ECONNREFUSED"), failed("ETIMEDOUT")]);
    assert.equal(networkError(all).code, "ECONNREFUSED");
  });
});
