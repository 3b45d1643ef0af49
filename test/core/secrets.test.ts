import assert from "node:assert/strict";

import fc from "fast-check";

import type { MigrationEvent } from "../../engine/core/events";
import { scrubEvent, Secrets, secretsOfOptions, shownNames } from "../../engine/core/secrets";

const scrub = (text: string, ...values: (string | undefined)[]): string =>
  new Secrets({ values }).scrub(text);

describe("core/secrets", () => {
  it("takes a secret out wherever it stands, as it is, percent-encoded, and inside JSON", () => {
    const secret = 'p@ss "w\\ö';
    const text = `${secret} postgresql://u:${encodeURIComponent(secret)}@h ${JSON.stringify({ secret })}`;
    assert.equal(scrub(text, secret), '[secret] postgresql://u:[secret]@h {"secret":"[secret]"}');
  });

  it("takes it out percent-encoded with small letters, too", () => {
    assert.equal(scrub("//u:p%c3%a4ss%2fword@h", "päss/word"), "//u:[secret]@h");
  });

  it("takes it out as SQL has it, and as an excerpt shows it", () => {
    assert.equal(scrub("PASSWORD 'it''s 1 secret'", "it's 1 secret"), "PASSWORD '[secret]'");
    assert.equal(scrub("it is it's 1 secret", "it''s 1 secret"), "it is [secret]");
    assert.equal(scrub("12 | x'tab    bell·end'", "tab\tbell\u0007end"), "12 | x'[secret]'");
  });

  it("takes out both of two that overlap, and the longer one whole", () => {
    assert.equal(scrub("pass-word-1, word-1-2", "pass-word-1", "word-1-2"), "[secret], [secret]");
    assert.equal(scrub("pass-word-1-2", "pass-word-1", "word-1-2"), "[secret]");
    assert.equal(scrub("'hunter-2' 'hunter-22'", "hunter-2", "hunter-22"), "'[secret]' '[secret]'");
  });

  it("leaves the text alone where there is no secret", () => {
    assert.equal(scrub("all is well", undefined, ""), "all is well");
    assert.equal(Secrets.none.scrub("all is well"), "all is well");
  });

  it("takes out any long secret, however odd it is", () => {
    const secret = fc.string({ unit: "binary", minLength: 16 });
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), secret, fc.string(), (before, text, after) => {
        const clean = scrub(`${before}|${text}|${after}`, text);
        assert.ok(!clean.includes(text));
        assert.ok(clean.includes("[secret]"));
      }),
    );
  });

  it("takes special characters of regular expressions for what they are", () => {
    const secret = "^a.*(b|c)[d]{2}$\\1+?";
    assert.equal(scrub(`x ${secret} y`, secret), "x [secret] y");
    assert.equal(scrub("axxb", ".*.*.*.*"), "axxb");
    assert.equal(scrub("a $& b $&-$1-$$ c", "$&-$1-$$"), "a $& b [secret] c");
  });

  it("does not fail on half a surrogate pair", () => {
    assert.equal(scrub("a \ud800x-y-z-1 b", "\ud800x-y-z-1"), "a [secret] b");
  });

  describe("makes no replacement that would give the secret away", () => {
    const message =
      'V1__a.sql:1:2: column "a" of relation "app" is true, not null: version 1 of 10 [null] \\ {"a":1}';
    for (const secret of ["1", "true", "a", '"', "\\", "null", ":", "app", "10", "", "V1__"])
      it(`of ${JSON.stringify(secret)}, which stands in messages by accident`, () => {
        assert.equal(scrub(message, secret), message);
      });

    it("of a word or a number, but where it is quoted as a whole", () => {
      const prose = "password authentication failed for relation after 123456 ms";
      for (const secret of ["password", "relation", "authentication", "123456"])
        assert.equal(scrub(prose, secret), prose);
      assert.equal(scrub("PASSWORD 'password' x", "password"), "PASSWORD '[secret]' x");
      assert.equal(scrub('at or near "dragon"', "dragon"), 'at or near "[secret]"');
      assert.equal(scrub("it's dragon's", "dragon"), "it's dragon's");
    });

    it("of a short text, but where it is a word of its own", () => {
      assert.equal(scrub("as s3cret, xs3cret s3cret_", "s3cret"), "as [secret], xs3cret s3cret_");
    });

    it("of a database's, user's or schema's name", () => {
      const names = shownNames(
        { database: "platform_2024", user: "app-owner-1", host: "db-1.internal" },
        { schemas: ["schema-no-1"], table: "history-no-1" },
      );
      for (const secret of [
        "platform_2024",
        "app-owner-1",
        "schema-no-1",
        "owner-1",
        "db-1.internal",
      ]) {
        const text = `"app-owner-1" may not connect to db-1.internal:5432/platform_2024 (schema-no-1)`;
        assert.equal(new Secrets({ values: [secret], names }).scrub(text), text);
      }
      const inUrl = new Secrets({ values: ["x:platform_2024@h"], names });
      assert.equal(inUrl.scrub("at x:platform_2024@h"), "at [secret]");
    });

    it("of what stands beside the message as data", () => {
      const secrets = new Secrets({ values: ["V20240101120000__x", "20240101120000-x"] });
      const text = "V20240101120000__x.sql:1:2: no; 20240101120000-x";
      assert.equal(
        secrets.scrub(text, ["V20240101120000__x.sql"]),
        "V20240101120000__x.sql:1:2: no; [secret]",
      );
    });
  });

  it("looks for a declared secret more widely: a word in prose, a number between quotes", () => {
    const declared = new Secrets({ values: [], declared: ["topsecret", "1234"] });
    assert.equal(declared.scrub("it is topsecret"), "it is [secret]");
    assert.equal(
      declared.scrub("PASSWORD '1234' after 1234 ms"),
      "PASSWORD '[secret]' after 1234 ms",
    );
  });

  it("takes out the part of a secret that a cut has left", () => {
    const secret = "correct-horse-battery-staple";
    assert.equal(scrub("3 | PASSWORD 'correct-horse-ba…", secret), "3 | PASSWORD '[secret]…");
    assert.equal(scrub("3 | …tery-staple' NONSENSE;", secret), "3 | …[secret]' NONSENSE;");
    assert.equal(scrub('line 1: "correct-horse..."', secret), 'line 1: "[secret]..."');
    assert.equal(scrub("some…ple", secret), "some…ple");
  });

  it("takes out each line of a secret of several, since an excerpt shows one", () => {
    const key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\r\nhkiG9w0BAQEF1\n-----END KEY-----\n";
    assert.equal(
      scrub("2 | MIIEvQIBADANBgkq\n3 | hkiG9w0BAQEF1", key),
      "2 | [secret]\n3 | [secret]",
    );
  });

  describe("keeps the caret of an excerpt below its place", () => {
    const secrets = new Secrets({ values: ["pass-word-1"] });
    const cases: readonly [what: string, before: string, after: string][] = [
      [
        "after a secret",
        "7 | x pass-word-1 y\n  |               ^",
        "7 | x [secret] y\n  |            ^",
      ],
      ["before a secret", "7 | x pass-word-1 y\n  | ^", "7 | x [secret] y\n  | ^"],
      ["in a secret", "7 | x pass-word-1 y\n  |     ^", "7 | x [secret] y\n  |   ^"],
      [
        "with secrets in lines before",
        "6 | pass-word-1\n7 | x y\n  |   ^",
        "6 | [secret]\n7 | x y\n  |   ^",
      ],
    ];
    for (const [what, before, after] of cases)
      it(what, () => assert.equal(secrets.scrubExcerpt(before), after));

    it("and takes any other text as it is", () => {
      assert.equal(secrets.scrubExcerpt("a pass-word-1"), "a [secret]");
    });
  });

  it("knows of a stack's options all that may be secret", () => {
    const options = { placeholders: { a: "one", b: "two" }, initSql: "SET x = 'th''ree'" };
    assert.deepEqual(secretsOfOptions(options), ["one", "two", "SET x = 'th''ree'", "th''ree"]);
    assert.deepEqual(secretsOfOptions({}), [""]);
  });

  it("scrubs of an event what a server has said, and no name", () => {
    const secrets = new Secrets({ values: ["pass-word-1"] });
    const event: MigrationEvent = {
      kind: "waitingForTable",
      script: "V1__pass-word-1.sql",
      blockers: "session 7: ALTER ROLE x PASSWORD 'pass-word-1'",
      attempt: 1,
      of: 3,
    };
    assert.deepEqual(scrubEvent(event, secrets), {
      ...event,
      blockers: "session 7: ALTER ROLE x PASSWORD '[secret]'",
    });
    const baselined = { kind: "baselined", version: "1", description: "pass-word-1" } as const;
    assert.deepEqual(scrubEvent(baselined, secrets), baselined);
    const message = "it is pass-word-1";
    for (const said of [
      { kind: "warning", message } as const,
      { kind: "notice", severity: "NOTICE", message } as const,
    ])
      assert.deepEqual(scrubEvent(said, secrets), { ...said, message: "it is [secret]" });
  });
});
