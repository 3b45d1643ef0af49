/** What a script's own configuration and the options say of how it is read. */
import assert from "node:assert/strict";
import { symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { checksum } from "../../engine/core/checksum";
import type { EngineOptions } from "../../engine/core/options";
import { loadScript } from "../../engine/files/read-script";
import { resolveCallbacksOnly, resolveMigrations } from "../../engine/files/resolver";
import { withFolder } from "../support/folder";
import { options, rejectionOf } from "../support/migrations";

const values = (own: Record<string, string> = {}) => new Map(Object.entries(own));
const resolveIn = (folder: string, more: Partial<EngineOptions> = {}, own = {}) =>
  resolveMigrations(options({ locations: [folder], ...more }), values(own));
const SQL = "SELECT 'café';\n";

describe("files/resolver: kinds and types", () => {
  it("are those of the names", () =>
    withFolder(
      { "V1__a.sql": "", "B2__b.sql": "", "R__v.sql": "", "afterMigrate.sql": "" },
      async (folder) => {
        const { migrations, callbacks } = await resolveIn(folder, { failOnEmptyLocations: true });
        assert.deepEqual(
          migrations.map(({ script, type, version, path }) => [script, type, version?.text, path]),
          [
            ["V1__a.sql", "SQL", "1", join(folder, "V1__a.sql")],
            ["B2__b.sql", "SQL_BASELINE", "2", join(folder, "B2__b.sql")],
            ["R__v.sql", "SQL", undefined, join(folder, "R__v.sql")],
          ],
        );
        assert.deepEqual(callbacks.get("afterMigrate"), [
          {
            event: "afterMigrate",
            description: "",
            name: "afterMigrate.sql",
            script: "afterMigrate.sql",
            path: join(folder, "afterMigrate.sql"),
            config: {},
          },
        ]);
      },
    ));

  it("of callbacks come from their own locations, or not at all", () =>
    withFolder(
      { "m/V1__a.sql": "", "m/afterMigrate.sql": "", "c/beforeMigrate__x.sql": "" },
      async (folder) => {
        const events = async (more: Partial<EngineOptions>) => [
          ...(await resolveIn(join(folder, "m"), more)).callbacks.keys(),
        ];
        const callbackLocations = [join(folder, "c")];
        assert.deepEqual(await events({}), ["afterMigrate"]);
        assert.deepEqual(await events({ callbackLocations }), ["beforeMigrate"]);
        assert.deepEqual(await events({ callbackLocations, skipDefaultCallbacks: true }), []);
        const alone = options({ locations: [join(folder, "m")] });
        const { migrations, callbacks, warnings } = await resolveCallbacksOnly(alone, values());
        assert.deepEqual([migrations, [...callbacks.keys()], warnings], [[], ["afterMigrate"], []]);
      },
    ));

  it("says of a link to nothing with a wrong name only that the name is wrong", () =>
    withFolder({ "V1__a.sql": "" }, async (folder) => {
      symlinkSync("gone", join(folder, "readme.sql"));
      const { warnings } = await resolveIn(folder);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? "", /^readme\.sql is passed over: no migration prefix/);
    }));

  it("refuses no migrations, and a broken link in the place of one, as the user's to mend", () =>
    withFolder({ "a/.keep": "", "b/.keep": "" }, async (folder) => {
      const locations = [join(folder, "a"), join(folder, "b")];
      const none = await rejectionOf(resolveIn("", { locations, failOnEmptyLocations: true }));
      assert.deepEqual([none.code, none.class], ["ERROR", "usage"]);
      assert.equal(none.message, `There is no migration in ${locations.join(", ")}.`);
      symlinkSync("gone", join(folder, "a/V1__a.sql"));
      const broken = await rejectionOf(resolveIn(join(folder, "a")));
      assert.deepEqual([broken.code, broken.class], ["ERROR", "usage"]);
    }));
});

describe("files/resolver: a script's own configuration", () => {
  it("says how the script is encoded, and is UTF-8 itself whatever the option says", () =>
    withFolder(
      {
        "V1__a.sql": Buffer.from(SQL, "latin1"),
        "V1__a.sql.conf": "# café\nencoding=ISO-8859-1",
        "V2__b.sql": Buffer.from(SQL, "utf16le"),
      },
      async (folder) => {
        const { migrations } = await resolveIn(folder, { encoding: "UTF-16LE" });
        assert.deepEqual(
          migrations.map(({ checksum: sum }) => sum),
          [checksum(SQL), checksum(SQL)],
        );
        const { config } = migrations[0] ?? {};
        assert.deepEqual([config, migrations[1]?.config], [{ encoding: "ISO-8859-1" }, {}]);
      },
    ));

  it("may hold placeholders, and is named by them where one has no value", () =>
    withFolder(
      { "sub/V1__a.sql": "", "sub/V1__a.sql.conf": "executeInTransaction=${tx}" },
      async (folder) => {
        const { migrations } = await resolveIn(folder, {}, { tx: "false" });
        assert.deepEqual(migrations[0]?.config, { executeInTransaction: false });
        const error = await rejectionOf(resolveIn(folder));
        assert.match(error.message, /^sub\/V1__a\.sql\.conf:1: the placeholder \$\{tx\}/);
        const wrong = await rejectionOf(resolveIn(folder, {}, { tx: "x" }));
        assert.match(wrong.message, /^sub\/V1__a\.sql\.conf:1: executeInTransaction is neither/);
      },
    ));

  it("may switch replacement off, or on, for its script", () =>
    withFolder({ "V1__a.sql": "${x}" }, async (folder) => {
      const file = { path: join(folder, "V1__a.sql"), script: "V1__a.sql" };
      const load = async (all: boolean, own?: boolean) => {
        const its = own === undefined ? file : { ...file, config: { placeholderReplacement: own } };
        const { sql } = await loadScript(
          its,
          options({ placeholderReplacement: all }),
          values({ x: "1" }),
        );
        return sql;
      };
      assert.equal((await load(true)).text, "1");
      assert.equal((await load(false, true)).text, "1");
      assert.deepEqual(await load(true, false), { text: "${x}", replacements: [] });
      assert.deepEqual(await load(false), { text: "${x}", replacements: [] });
    }));
});

describe("files/read-script", () => {
  it("knows what the checksum of a repeatable is taken from, byte order marks and all", () =>
    withFolder({ "a.sql": "\uFEFFa \uFEFF${x}", "b.sql": "b ${x}" }, async (folder) => {
      const replaced = async (script: string) => {
        const file = { path: join(folder, script), script };
        return (await loadScript(file, options(), values({ x: "1" }))).replaced();
      };
      assert.equal(await replaced("a.sql"), "a \uFEFF1");
      assert.equal(await replaced("b.sql"), "b 1");
    }));

  it("detects the encoding where that is asked for", () =>
    withFolder({ "V1__a.sql": Buffer.from(SQL, "latin1") }, async (folder) => {
      const { migrations } = await resolveIn(folder, { detectEncoding: true });
      assert.equal(migrations[0]?.checksum, checksum(SQL));
    }));

  it("refuses a file that no text can hold by its size, and one that is gone by its path", () =>
    withFolder({ "V1__a.sql": "" }, async (folder) => {
      const file = { path: join(folder, "V2__b.sql"), script: "V2__b.sql" };
      const gone = await rejectionOf(loadScript(file, options(), values()));
      assert.deepEqual(
        [gone.code, gone.class, gone.place.migration],
        ["ERROR", "usage", file.script],
      );
      assert.equal(gone.message, "V2__b.sql: the file cannot be read (ENOENT).");
      assert.ok(gone.remedy.includes(file.path));
      writeFileSync(file.path, "");
      truncateSync(file.path, 2 ** 31); // of holes: it takes no room
      const large = await rejectionOf(loadScript(file, options(), values()));
      assert.match(large.message, /V2__b\.sql: the file has more than \d+ MB/);
    }));
});
