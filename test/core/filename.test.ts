import assert from "node:assert/strict";

import { CALLBACK_EVENTS, type FileNameMeaning, parseFileName } from "../../engine/core/filename";
import { DEFAULT_OPTIONS, type EngineOptions } from "../../engine/core/options";
import { options } from "../support/migrations";

/** The meaning in one line: `versioned 1 "a b"`. */
function meaning(name: string, naming: EngineOptions = DEFAULT_OPTIONS): string {
  const is: FileNameMeaning = parseFileName(name, naming);
  switch (is.kind) {
    case "versioned":
    case "baseline":
      return `${is.kind} ${is.version.text} "${is.description}"`;
    case "repeatable":
      return `repeatable "${is.description}"`;
    case "callback":
      return `callback ${is.event} "${is.description}"`;
    case "program":
    case "unrecognized":
    case "other":
      return is.kind;
  }
}

describe("core/filename: names that Flyway accepts", () => {
  const names: [string, string][] = [
    ["V1__a.sql", 'versioned 1 "a"'],
    ["V1.2__add_email.sql", 'versioned 1.2 "add email"'],
    ["V1_2__a.sql", 'versioned 1.2 "a"'],
    ["V001__a.sql", 'versioned 001 "a"'],
    ["V5.sql", 'versioned 5 ""'],
    ["V52.sql", 'versioned 52 ""'],
    ["V4__.sql", 'versioned 4 ""'],
    ["V1__a__b.sql", 'versioned 1 "a  b"'],
    ["V5___lead_.sql", 'versioned 5 " lead "'],
    ["V1__žluťoučký kůň.sql", 'versioned 1 "žluťoučký kůň"'],
    ["V1__a.SQL", 'versioned 1 "a"'],
    ["V-1__a.sql", 'versioned -1 "a"'],
    ["V３__a.sql", 'versioned ３ "a"'],
    ["R__views.sql", 'repeatable "views"'],
    ["R__.sql", 'repeatable ""'],
    ["B2__state.sql", 'baseline 2 "state"'],
    ["beforeMigrate.sql", 'callback beforeMigrate ""'],
    ["afterMigrate__grant_all.sql", 'callback afterMigrate "grant all"'],
    ["afterMigrateApplied.sql", 'callback afterMigrateApplied ""'],
    ["beforeEachMigrateStatement.sql", 'callback beforeEachMigrateStatement ""'],
  ];
  for (const [name, expected] of names) {
    it(`reads ${name} as ${expected}`, () => {
      assert.equal(meaning(name), expected);
    });
  }

  const events = [
    ...["beforeConnect", "afterConnect", "createSchema", "beforeCreateSchema"],
    ...["beforeRepeatables", "afterVersioned", "afterMigrateApplied"],
    ...["beforeEachMigrate", "afterEachMigrate", "afterEachMigrateError"],
    ...["beforeEachMigrateStatement", "afterEachMigrateStatement"],
    "afterEachMigrateStatementError",
    ...["Migrate", "Validate", "Info", "Repair", "Baseline", "Clean"].flatMap((command) => [
      ...[`before${command}`, `after${command}`, `after${command}Error`],
      `after${command}OperationFinish`,
    ]),
  ];
  it("knows Flyway's events, of which beforeVersioned is none", () => {
    for (const event of events) {
      assert.equal(meaning(`${event}__a_b.sql`), `callback ${event} "a b"`);
    }
    assert.equal(CALLBACK_EVENTS.length, events.length);
    assert.ok(!CALLBACK_EVENTS.includes("beforeVersioned"));
    assert.equal(new Set(CALLBACK_EVENTS).size, CALLBACK_EVENTS.length);
  });
});

describe("core/filename: names that are passed over", () => {
  const unrecognized = [
    "V1_x.sql",
    "v1__x.sql",
    "V__x.sql",
    "Vx__y.sql",
    "V1.__x.sql",
    "V1..2__x.sql",
    "U1__x.sql",
    "R1__x.sql",
    "r__x.sql",
    "readme.sql",
    "R.sql",
    "beforeMigrate_x.sql",
    "beforeVersioned.sql",
  ];
  for (const name of unrecognized) {
    it(`has a reason why ${name} is no migration`, () => {
      const is = parseFileName(name, DEFAULT_OPTIONS);
      assert.equal(is.kind, "unrecognized");
      assert.match(is.kind === "unrecognized" ? is.reason : "", /\w/);
    });
  }

  it("says of V1_x.sql that two underscores end the version", () => {
    const is = parseFileName("V1_x.sql", DEFAULT_OPTIONS);
    assert.match(is.kind === "unrecognized" ? is.reason : "", /"1_x".*double underscore/);
  });

  const reasons: [string, RegExp][] = [
    ["V__x.sql", /^the version is missing$/],
    ["R.sql", /^the description is missing$/],
    ["R1__x.sql", /^"1" stands between the prefix R and the separator __$/],
    ["readme.sql", /^no migration prefix \(V, R, B\)$/],
  ];
  for (const [name, reason] of reasons) {
    it(`says of ${name} what is wrong`, () => {
      const is = parseFileName(name, DEFAULT_OPTIONS);
      assert.match(is.kind === "unrecognized" ? is.reason : is.kind, reason);
    });
  }

  const others = ["readme.txt", "V9__x.sql.bak", "V1__a.sql.conf", ".gitkeep", "Makefile"];
  for (const name of [...others, "beforeMigrate.sh", "Vx__s.sh", "sql", "R.sh"]) {
    it(`is not interested in ${name}`, () => {
      assert.equal(meaning(name), "other");
    });
  }

  const programs: [string, string][] = [
    ["V2__s.sh", "a .sh program"],
    ["V2__s.PY", "a .py program"],
    ["R__s.ps1", "a .ps1 program"],
    ["V2__s.bash", "a .bash program"],
    ["V2__s.cmd", "a .cmd program"],
    ["V2__s.bat", "a .bat program"],
    ["V2.sh", "a .sh program"],
    ["V3__noext", "a file without a suffix"],
  ];
  for (const [name, reason] of programs) {
    it(`recognises ${name} as a program, which Flyway would run`, () => {
      assert.deepEqual(parseFileName(name, DEFAULT_OPTIONS), { kind: "program", reason });
    });
  }
});

describe("core/filename: options", () => {
  it("takes prefixes, separator and suffixes from the options", () => {
    const naming = options({
      sqlMigrationPrefix: "M",
      repeatableSqlMigrationPrefix: "Rep",
      baselineMigrationPrefix: "Base",
      sqlMigrationSeparator: "-",
      sqlMigrationSuffixes: [".pgsql", ".ddl"],
    });
    assert.equal(meaning("M1-a_b.pgsql", naming), 'versioned 1 "a b"');
    assert.equal(meaning("Rep-x.ddl", naming), 'repeatable "x"');
    assert.equal(meaning("Base3-x.DDL", naming), 'baseline 3 "x"');
    assert.equal(meaning("V1__a.ddl", naming), "unrecognized");
    assert.equal(meaning("M1-a.sql", naming), "other");
  });

  it("takes what has no other prefix for versioned where the versioned prefix is empty", () => {
    const naming = options({ sqlMigrationPrefix: "" });
    assert.equal(meaning("1__a.sql", naming), 'versioned 1 "a"');
    assert.equal(meaning("1.2__b.sql", naming), 'versioned 1.2 "b"');
    assert.equal(meaning("2024_01_01__c.sql", naming), 'versioned 2024.01.01 "c"');
    assert.equal(meaning("3.sql", naming), 'versioned 3 ""');
    assert.equal(meaning("R__r.sql", naming), 'repeatable "r"');
    assert.equal(meaning("B2__s.sql", naming), 'baseline 2 "s"');
    assert.equal(meaning("beforeMigrate__x.sql", naming), 'callback beforeMigrate "x"');
    for (const name of ["readme.sql", "V7__v.sql", "U1__u.sql", "__x.sql", ".sql", "B__z.sql"]) {
      assert.equal(meaning(name, naming), "unrecognized", name);
    }
    for (const name of ["Makefile", "readme.txt", "1__a.sql.conf", "run.sh"]) {
      assert.equal(meaning(name, naming), "other", name);
    }
    for (const name of ["2__x", "3__x.sh", "4"])
      assert.equal(meaning(name, naming), "program", name);
  });

  it("takes what begins with the separator for repeatable where the repeatable prefix is empty", () => {
    const naming = options({ repeatableSqlMigrationPrefix: "" });
    assert.equal(meaning("__r.sql", naming), 'repeatable "r"');
    assert.equal(meaning("V1__a.sql", naming), 'versioned 1 "a"');
    for (const name of ["R__x.sql", "view.sql", ".sql"]) {
      assert.equal(meaning(name, naming), "unrecognized", name);
    }
  });

  it("tries the longest prefix first", () => {
    const naming = options({ sqlMigrationPrefix: "V", repeatableSqlMigrationPrefix: "VR" });
    assert.equal(meaning("VR__x.sql", naming), 'repeatable "x"');
    assert.equal(meaning("V1__x.sql", naming), 'versioned 1 "x"');
  });
});
