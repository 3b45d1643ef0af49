import assert from "node:assert/strict";

import { compareResolved } from "../../engine/core/info";
import {
  type ResolvedMigration,
  storedDescription,
  storedScript,
} from "../../engine/core/migration";
import type { EngineOptions } from "../../engine/core/options";
import {
  findDuplicates,
  nameFiles,
  namingWarnings,
  orderResolved,
} from "../../engine/core/resolve";
import { bFile, failureOf, file, options, repeatable } from "../support/migrations";

const found = (...names: string[]) =>
  names.map((name) => ({ name, script: `sub/${name}`, path: `migrations/sub/${name}` }));

describe("core/resolve: names", () => {
  it("passes over what is no migration, with one warning for each that has a suffix of one", () => {
    const named = nameFiles(found("V1__a.sql", "V1_x.sql", "v1__x.sql", "readme.txt"), options());
    assert.equal(named.length, 4);
    const warnings = namingWarnings(named);
    assert.equal(warnings.length, 2);
    assert.match(warnings[0] ?? "", /^sub\/V1_x\.sql is passed over: .+\.$/);
    assert.match(warnings[1] ?? "", /^sub\/v1__x\.sql/);
  });

  it("refuses all of them at once with validateMigrationNaming, and shows how names look", () => {
    const strict = options({ validateMigrationNaming: true });
    const error = failureOf(() => nameFiles(found("V1_x.sql", "v2__x.sql", "x.txt"), strict));
    assert.deepEqual([error.code, error.class], ["ERROR", "migrations"]);
    assert.match(error.message, /sub\/V1_x\.sql \(.*\); sub\/v2__x\.sql \(/);
    assert.match(error.remedy, /V4__add_email\.sql.*two underscores.*R__refresh_views\.sql/);
    assert.equal(error.place.migration, "sub/V1_x.sql");
    assert.equal(nameFiles(found("V1__a.sql", "x.txt", "V9__x.sql.bak"), strict).length, 3);
  });

  it("refuses programs, which Flyway would run", () => {
    const error = failureOf(() => nameFiles(found("V1__a.sql", "V2__s.sh"), options()));
    assert.deepEqual([error.code, error.class], ["ERROR", "migrations"]);
    assert.match(error.message, /sub\/V2__s\.sh.*never run/);
  });
});

describe("core/resolve: options of naming", () => {
  const names = found("2__b.sql", "1__a.sql", "__r.sql");
  const none = { sqlMigrationPrefix: "", repeatableSqlMigrationPrefix: "" };

  it("reads each versioned file twice where both prefixes are the same, and refuses the lowest", () => {
    const error = failureOf(() => nameFiles(names, options(none)));
    assert.deepEqual([error.code, error.class], ["DUPLICATE_VERSIONED_MIGRATION", "migrations"]);
    assert.match(error.message, /more than one migration with version 1: .*1__a\.sql/);
    assert.equal(nameFiles(found("__r.sql", "readme.sql"), options(none)).length, 2);
  });

  const wrong: [Partial<EngineOptions>, RegExp, RegExp][] = [
    [{ sqlMigrationSeparator: "" }, /sqlMigrationSeparator is empty/, /two underscores: __\.$/],
    [{ sqlMigrationSuffixes: [] }, /sqlMigrationSuffixes is empty/, /\.sql\.$/],
    [
      { baselineMigrationPrefix: "V" },
      /baselineMigrationPrefix and sqlMigrationPrefix are both "V"/,
      /prefix of their own, such as B\.$/,
    ],
    [{ baselineMigrationPrefix: "R" }, /repeatableSqlMigrationPrefix are both "R"/, /such as B/],
  ];
  for (const [more, message, remedy] of wrong) {
    it(`refuses ${JSON.stringify(more)}`, () => {
      const error = failureOf(() => nameFiles(names, options(more)));
      assert.deepEqual([error.code, error.class], ["CONFIGURATION", "usage"]);
      assert.match(error.message, message);
      assert.match(error.remedy, remedy);
    });
  }
});

describe("core/resolve: order", () => {
  it("is by version whatever the folder, a B file behind its V file, then repeatables as Java sorts", () => {
    const files = [
      repeatable("b two"),
      bFile("2"),
      file("10", "x"),
      repeatable("B three"),
      file("2", "b", { script: "zz/V2__b.sql" }),
      file("1.9", "y"),
      repeatable("a one"),
      repeatable("ä"),
    ];
    assert.deepEqual(
      orderResolved(files).map(({ version, description, type }) =>
        [version?.text ?? "R", description, ...(type === "SQL" ? [] : [type])].join(" "),
      ),
      ["1.9 y", "2 b", "2 state SQL_BASELINE", "10 x", "R B three", "R a one", "R b two", "R ä"],
    );
  });

  it("reports of several duplicates the lowest version first, repeatables last", () => {
    const files = [
      ...[repeatable("a"), repeatable("a"), file("3", "x"), file("3", "y")],
      ...[bFile("2"), bFile("2"), file("2", "a"), file("2", "b")],
    ];
    const error = failureOf(() => orderResolved(files));
    assert.equal(error.code, "DUPLICATE_VERSIONED_MIGRATION");
    assert.match(error.message, /version 2.*V2__a\.sql and .*V2__b\.sql/);
    const pairs = findDuplicates([...files].sort(compareResolved));
    assert.deepEqual(
      pairs.map(([, { version, type }]) => `${version?.text ?? "R"} ${type}`),
      ["2 SQL", "2 SQL_BASELINE", "3 SQL", "R SQL"],
    );
  });

  const duplicates: [string, ResolvedMigration, ResolvedMigration][] = [
    ["1 and 01", file("1", "a"), file("01", "b")],
    ["1 and 1.0", file("1", "a"), file("1.0", "b")],
    ["1.2 and 1_2", file("1.2", "a"), file("1_2", "b")],
  ];
  for (const [title, one, other] of duplicates) {
    it(`refuses two files of one version: ${title}`, () => {
      const error = failureOf(() => orderResolved([one, file("3"), other]));
      assert.equal(error.code, "DUPLICATE_VERSIONED_MIGRATION");
      assert.equal(error.class, "migrations");
      assert.ok(error.message.includes(one.path) && error.message.includes(other.path));
      assert.match(error.remedy, /next free version/);
    });
  }

  it("refuses two repeatables of one description, and takes case for a difference", () => {
    const again = repeatable("v", { path: "elsewhere/R__v.sql" });
    const error = failureOf(() => orderResolved([repeatable("v"), again]));
    assert.equal(error.code, "DUPLICATE_REPEATABLE_MIGRATION");
    assert.match(error.message, /repeatable migration "v": migrations\/R__v\.sql and elsewhere\/R/);
    assert.equal(orderResolved([repeatable("v"), repeatable("V")]).length, 2);
  });

  it("names of three files of one version the first with each other", () => {
    const [x, y, z] = [file("1", "x"), file("1", "y"), file("1", "z")];
    assert.deepEqual(findDuplicates([x, y, z]), [
      [x, y],
      [x, z],
    ]);
  });

  it("allows a V and a B file of one version, but not two B files", () => {
    assert.equal(orderResolved([file("2"), bFile("2")]).length, 2);
    const twice = failureOf(() => orderResolved([bFile("2"), bFile("2.0")]));
    assert.equal(twice.code, "DUPLICATE_VERSIONED_MIGRATION");
  });
});

describe("core/migration: what the history has room for", () => {
  it("cuts a description at 200 UTF-16 units", () => {
    assert.equal(storedDescription("x".repeat(200)), "x".repeat(200));
    assert.equal(storedDescription("x".repeat(201)), "x".repeat(197) + "...");
    assert.equal(storedDescription("😀".repeat(101)).length, 200);
  });

  it("cuts a script at 1000, with the dots in front", () => {
    assert.equal(storedScript("s".repeat(1000)), "s".repeat(1000));
    assert.equal(storedScript("abcdef" + "s".repeat(1000)), "...def" + "s".repeat(994));
  });
});
