/** What a run shows of secrets: in its events, and beside names that are shown anyway. */
import assert from "node:assert/strict";

import type { MigrationEvent } from "../../engine/core/events";
import { scrubEvent, Secrets, secretsOfOptions, shownNames } from "../../engine/core/secrets";
import { file } from "../support/migrations";

const SECRET = "pass-word-1";
const secrets = new Secrets({ values: [SECRET] });
const script = `V1__${SECRET}.sql`;

describe("core/secrets: events", () => {
  const text = `session 7: PASSWORD '${SECRET}'`;
  const clean = "session 7: PASSWORD '[secret]'";
  const scrubbed: [MigrationEvent, Partial<Record<string, string>>][] = [
    [{ kind: "waitingForLock", holder: text, waitedMs: 1 }, { holder: clean }],
    [
      { kind: "blocked", script, blockers: `${text} ${script}`, waitedMs: 1 },
      { blockers: `${clean} ${script}` },
    ],
    [
      { kind: "waitingForTable", script, blockers: `${text} ${script}`, attempt: 1, of: 2 },
      { blockers: `${clean} ${script}` },
    ],
    [
      { kind: "notice", severity: "NOTICE", message: `${text} ${script}`, migration: script },
      { message: `${clean} ${script}` },
    ],
    [
      { kind: "notice", severity: "NOTICE", message: `${text} ${script}` },
      { message: `${clean} V1__[secret].sql` },
    ],
    [{ kind: "warning", message: text }, { message: clean }],
  ];
  for (const [event, texts] of scrubbed) {
    it(`of ${event.kind} show no secret, but the script's name`, () => {
      assert.deepEqual(scrubEvent(event, secrets), { ...event, ...texts });
    });
  }

  const migration = file("1", SECRET);
  const names: MigrationEvent[] = [
    { kind: "schemasCreated", schemas: [SECRET] },
    { kind: "historyCreated", table: SECRET },
    { kind: "historyAdopted", table: SECRET },
    { kind: "baselined", version: "1", description: SECRET },
    { kind: "applying", migration, index: 1, of: 2 },
    { kind: "applied", migration, executionTimeMs: 3 },
  ];
  for (const event of names) {
    it(`of ${event.kind} are data, and stay as they are`, () => {
      assert.deepEqual(scrubEvent(event, secrets), event);
    });
  }
});

describe("core/secrets: names that are shown anyway", () => {
  it("are those of the address, the settings and public", () => {
    const names = shownNames(
      { user: "u", host: "h", database: "d" },
      { schemas: ["a", "b"], defaultSchema: "s", table: "t" },
    );
    assert.deepEqual([...names].sort(), ["a", "b", "d", "h", "public", "s", "t", "u"]);
    const few = shownNames({ database: "d" }).filter((name) => name !== undefined);
    assert.deepEqual(few.sort(), ["d", "public"]);
  });

  it("hide nothing else: an empty or absent name shows no secret", () => {
    const empty = new Secrets({ values: [SECRET], names: ["", undefined] });
    assert.equal(empty.scrub(`it is ${SECRET}`), "it is [secret]");
  });

  it("show a secret only within the name, not at its left or right", () => {
    const named = new Secrets({ values: ["word-1-and-more"], names: ["pass-word-1"] });
    assert.equal(named.scrub("pass-word-1-and-more"), "pass-[secret]");
    const before = new Secrets({ values: ["more-and-pass"], names: ["pass-word-1"] });
    assert.equal(before.scrub("more-and-pass-word-1"), "[secret]-word-1");
  });
});

describe("core/secrets: texts by their length", () => {
  const scrub = (text: string, secret: string) => new Secrets({ values: [secret] }).scrub(text);
  const cases: [what: string, secret: string, text: string, clean: string][] = [
    ["four characters", "a-b1", "'a-b1' a-b1", "'a-b1' a-b1"],
    ["five, as a word", "a-b1c", "a-b1c xa-b1c", "[secret] xa-b1c"],
    ["seven, as a word", "a-b1c2d", "xa-b1c2d a-b1c2d", "xa-b1c2d [secret]"],
    ["eight, anywhere", "a-b1c2d3", "xa-b1c2d3x", "x[secret]x"],
    [
      "a plain word of eight, between quotes",
      "dragonfl",
      `"dragonfl" 'dragonfl' dragonfl`,
      `"[secret]" '[secret]' dragonfl`,
    ],
    [
      "a plain word between two kinds of quotes",
      "dragon",
      `'dragon" "dragon'`,
      `'dragon" "dragon'`,
    ],
    ["a plain word between letters", "dragon", "xdragonx", "xdragonx"],
    ["a plain word of sixteen, anywhere", "abcdefghijklmnop", "xabcdefghijklmnopx", "x[secret]x"],
    ["a plain word of fifteen", "abcdefghijklmno", "abcdefghijklmno", "abcdefghijklmno"],
    ["five of two units each", "😀😀😀😀😀", "😀😀😀😀😀", "[secret]"],
  ];
  for (const [what, secret, text, clean] of cases) {
    it(`are looked for, of ${what}`, () => assert.equal(scrub(text, secret), clean));
  }

  it("of several lines are looked for line by line where a line is distinct", () => {
    const secret = "  distinct-line-1  \nplain\n\r\nsh0rt";
    assert.equal(scrub("1 | distinct-line-1, plain, sh0rt", secret), "1 | [secret], plain, sh0rt");
    assert.equal(scrub("distinct-line-1\nplain", "distinct-line-1\nplain"), "[secret]");
  });

  it("of a cut are looked for only where all of the secret is", () => {
    assert.equal(scrub("PASSWORD 'dragon…", "dragonfly"), "PASSWORD 'dragon…");
  });

  it("that were declared are looked for one step more widely, and no further", () => {
    const declared = (secret: string) => new Secrets({ values: [], declared: [secret] });
    assert.equal(declared("a-b1").scrub("a-b1 'a-b1'"), "a-b1 '[secret]'");
    assert.equal(declared("dragon").scrub("xdragon dragon"), "xdragon [secret]");
    assert.equal(declared("a-b1c2d3").scrub("xa-b1c2d3"), "x[secret]");
    assert.equal(declared("").scrub("a '' b"), "a '' b");
  });
});

describe("core/secrets: an excerpt", () => {
  it("is one only where a caret alone stands in its last line", () => {
    for (const text of [`x | ^\n${SECRET}`, `${SECRET}\n  | ^ x`, `${SECRET}\nx  | ^`])
      assert.equal(secrets.scrubExcerpt(text), text.replace(SECRET, "[secret]"));
  });

  it("has its caret below the same character at both ends of a secret", () => {
    const at = (before: string) => `7 | ${SECRET} y\n${before}^`;
    assert.equal(secrets.scrubExcerpt(at("  | ")), "7 | [secret] y\n  | ^");
    assert.equal(secrets.scrubExcerpt(at("  |            ")), "7 | [secret] y\n  |         ^");
  });

  it("shows names that stand beside it", () => {
    assert.equal(secrets.scrubExcerpt(`7 | ${script}\n  | ^`, [script]), `7 | ${script}\n  | ^`);
  });
});

describe("core/secrets: a stack's options", () => {
  it("hide each literal of initSql, and the whole of it", () => {
    assert.deepEqual(secretsOfOptions({ initSql: "SET a = 'x'; SET b = '';" }), [
      "SET a = 'x'; SET b = '';",
      "x",
      "",
    ]);
  });
});
