import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join } from "node:path";

import type { EngineOptions } from "../../engine/core/options";
import { loadScript, resolveMigrations } from "../../engine/files/resolver";
import { withFolder } from "../support/folder";
import { options, rejectionOf } from "../support/migrations";

const VIEW = "CREATE OR REPLACE VIEW v AS SELECT '${x}'::text AS v;\n";
const values = (own: Record<string, string> = {}) => new Map(Object.entries(own));

const resolveIn = (
  folder: string,
  more: Partial<EngineOptions> = {},
  own: Record<string, string> = {},
) => resolveMigrations(options({ locations: [folder], ...more }), values(own));

describe("files/resolver: migrations", () => {
  it("gives versions in order, then repeatables, with Flyway's checksums", () =>
    withFolder(
      {
        "R__v.sql": "CREATE OR REPLACE VIEW v AS SELECT 1 AS x;\n",
        "sub/V10__x.sql": "",
        "V2__comment.sql": "-- nothing here\r\n/* nor here */\r\n",
        "V1__a.sql": "CREATE TABLE a (id int PRIMARY KEY);\n",
        "readme.txt": "not read",
      },
      async (folder) => {
        const { migrations, warnings } = await resolveIn(folder);
        assert.deepEqual(
          migrations.map(({ script, checksum }) => [script, checksum]),
          [
            ["V1__a.sql", 1112353363],
            ["V2__comment.sql", -1341303653],
            ["sub/V10__x.sql", 0],
            ["R__v.sql", -861875769],
          ],
        );
        assert.deepEqual(warnings, []);
      },
    ));

  it("takes the checksum of a repeatable after replacement, and keeps that of the raw text", () =>
    withFolder({ "R__v.sql": VIEW }, async (folder) => {
      const sums = async (more: Partial<EngineOptions>, x: string) => {
        const { migrations } = await resolveIn(folder, more, { x });
        return [migrations[0]?.checksum, migrations[0]?.equivalentChecksum];
      };
      const [one, raw] = await sums({}, "one");
      assert.equal(one, -519520825);
      assert.deepEqual(await sums({}, "two"), [-1110181281, raw]);
      assert.deepEqual(await sums({ placeholderReplacement: false }, "one"), [raw, raw]);
    }));

  it("does not look at the placeholders of versioned files, but refuses a repeatable's without a value", () =>
    withFolder({ "V1__a.sql": "${nope}", "sub/R__v.sql": `\n${VIEW}` }, async (folder) => {
      const { migrations } = await resolveIn(folder, {}, { x: "one" });
      assert.equal(migrations.length, 2);
      const error = await rejectionOf(resolveIn(folder));
      assert.equal(error.place.migration, "sub/R__v.sql");
      assert.equal(error.place.line, 2);
    }));

  it("reads files in the encoding of the options", () =>
    withFolder(
      {
        "V1__a.sql": Buffer.from(
          "CREATE TABLE a (t text);\nINSERT INTO a VALUES ('café');\n",
          "latin1",
        ),
      },
      async (folder) => {
        const { migrations } = await resolveIn(folder, { encoding: "ISO-8859-1" });
        assert.equal(migrations[0]?.checksum, -822182616);
        const error = await rejectionOf(resolveIn(folder));
        assert.equal(error.code, "ERROR");
        assert.equal(error.place.line, 2);
      },
    ));

  it("warns of files that are passed over and of folders that are absent", () =>
    withFolder({ "m/V1_x.sql": "" }, async (folder) => {
      const absent = join(folder, "nope");
      const locations = [join(folder, "m"), absent];
      const { migrations, warnings } = await resolveIn(folder, { locations });
      assert.deepEqual(migrations, []);
      assert.equal(warnings.length, 2);
      assert.ok(warnings[0]?.includes(absent));
      assert.match(warnings[1] ?? "", /V1_x\.sql/);
    }));
});

describe("files/resolver: mistakes", () => {
  it("refuses two files of one version in different folders, and names both", () =>
    withFolder({ "a/V1__a.sql": "", "b/V1.0__b.sql": "" }, async (folder) => {
      const error = await rejectionOf(resolveIn(folder));
      assert.equal(error.code, "DUPLICATE_VERSIONED_MIGRATION");
      assert.match(error.message, /a\/V1__a\.sql.*b\/V1\.0__b\.sql/);
    }));

  it("refuses an empty folder and an absent one where a stack asks for migrations", () =>
    withFolder({ "m/readme.txt": "" }, async (folder) => {
      const strict = { failOnEmptyLocations: true, failOnMissingLocations: true };
      const empty = await rejectionOf(resolveIn(join(folder, "m"), strict));
      assert.match(empty.message, /no migration in .*m/);
      assert.match(empty.remedy, /V1__initial_schema\.sql.*migrations: none/);
      const absent = await rejectionOf(resolveIn(join(folder, "nope"), strict));
      assert.match(absent.message, /nope does not exist/);
    }));

  it("says of a file that cannot be read which one it is", () =>
    withFolder({ "V1__a.sql": "" }, async (folder) => {
      await symlink(join(folder, "gone"), join(folder, "V2__b.sql"));
      const error = await rejectionOf(resolveIn(folder));
      assert.equal(error.code, "ERROR");
      assert.equal(error.message, "V2__b.sql: the file cannot be read (ENOENT).");
      assert.ok(error.remedy.includes(join(folder, "V2__b.sql")));
    }));
});

describe("files/resolver: a script for its run", () => {
  it("has placeholders replaced, flyway:filename by the file's own name", () =>
    withFolder({ "sub/V1__a.sql": "-- ${flyway:filename} ${x}\n" }, async (folder) => {
      const { migrations } = await resolveIn(folder);
      const [migration] = migrations;
      assert.ok(migration);
      const own = values({ x: "one" });
      const { source, sql } = await loadScript(migration, options(), own);
      assert.equal(source, "-- ${flyway:filename} ${x}\n");
      assert.equal(sql.text, "-- V1__a.sql one\n");
      const off = await loadScript(migration, options({ placeholderReplacement: false }), own);
      assert.equal(off.sql.text, source);
    }));
});
