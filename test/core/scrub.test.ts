import assert from "node:assert/strict";

import fc from "fast-check";

import { scrub } from "../../engine/core/scrub";

describe("core/scrub", () => {
  it("takes a secret out wherever it stands, as it is, percent-encoded, and inside JSON", () => {
    const secret = 'p@ss "w\\ö';
    const text = `${secret} postgresql://u:${encodeURIComponent(secret)}@h ${JSON.stringify({ secret })}`;
    const clean = scrub(text, [secret]);
    assert.equal(clean, '[secret] postgresql://u:[secret]@h {"secret":"[secret]"}');
  });

  it("takes out the longest of overlapping secrets first, so that no end of it is left", () => {
    assert.equal(scrub("hunter2 hunter", ["hunter", "hunter2"]), "[secret] [secret]");
  });

  it("leaves the text alone where there is no secret", () => {
    assert.equal(scrub("all is well", [undefined, ""]), "all is well");
  });

  it("takes out any secret that is not part of the replacement itself, however odd it is", () => {
    const secret = fc
      .string({ unit: "binary", minLength: 1 })
      .filter((text) => !"[secret]".includes(text));
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), secret, fc.string(), (before, text, after) => {
        const clean = scrub(`${before}|${text}|${after}`, [text]);
        assert.ok(!clean.split("[secret]").some((rest) => rest.includes(text)));
        assert.ok(clean.includes("[secret]"));
      }),
    );
  });

  it("does not fail on half a surrogate pair", () => {
    assert.equal(scrub("a \ud800x b", ["\ud800x"]), "a [secret] b");
  });
});
