import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rm, symlink } from "node:fs/promises";
import { join } from "node:path";

import { positionAt } from "../../engine/analysis/position";
import { checksum } from "../../engine/core/checksum";
import type { EngineOptions } from "../../engine/core/options";
import { sourceOffset } from "../../engine/core/placeholders";
import { loadScript } from "../../engine/files/read-script";
import { resolveMigrations } from "../../engine/files/resolver";
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
      assert.equal(error.message, "V2__b.sql is a link to something that does not exist.");
      assert.ok(error.remedy.includes(join(folder, "V2__b.sql")));
    }));
});

describe("files/resolver: what is no file", () => {
  const fifo = (path: string) => execFileSync("mkfifo", [path]);

  for (const name of ["V2__b.sql", "beforeMigrate.sql", "R__v.sql"]) {
    it(`refuses a named pipe ${name} by its name, and waits for nobody`, () =>
      withFolder({ "V1__a.sql": "" }, async (folder) => {
        fifo(join(folder, name));
        const error = await rejectionOf(resolveIn(folder));
        assert.equal(error.message, `${name} is a named pipe.`);
      }));
  }

  it("refuses a link to a device, and a configuration that is a pipe", () =>
    withFolder({ "V1__a.sql": "" }, async (folder) => {
      fifo(join(folder, "V1__a.sql.conf"));
      assert.match(
        (await rejectionOf(resolveIn(folder))).message,
        /V1__a\.sql\.conf.*\(it is no file\)/,
      );
      await rm(join(folder, "V1__a.sql.conf"));
      await symlink("/dev/zero", join(folder, "V2__b.sql"));
      assert.equal((await rejectionOf(resolveIn(folder))).message, "V2__b.sql is a device.");
    }));

  it("warns of a link to nothing whose name is no migration's, and of nothing else", () =>
    withFolder({ "V1__a.sql": "" }, async (folder) => {
      await symlink("gone", join(folder, "shared"));
      await symlink("user@host.1:2", join(folder, ".#V1__a.sql")); // as an editor marks a file that is open
      fifo(join(folder, ".pipe"));
      const { migrations, warnings } = await resolveIn(folder);
      assert.equal(migrations.length, 1);
      assert.deepEqual(warnings, [
        "shared is passed over: it is a link to something that does not exist.",
      ]);
    }));
});

describe("files/resolver: a script for its run", () => {
  it("loses the byte order marks inside it, which count for the checksum, and keeps its lines and columns", () => {
    const text = "\uFEFFSELECT 1;\n\uFEFFSELECT '${x}';\n-- \uFEFFo\n";
    return withFolder({ "V1__a.sql": text, "R__v.sql": text }, async (folder) => {
      const own = values({ x: "one" });
      const { migrations } = await resolveMigrations(options({ locations: [folder] }), own);
      const [versioned, repeatable] = migrations;
      assert.ok(versioned && repeatable);
      assert.equal(versioned.checksum, checksum("SELECT 1;\n\uFEFFSELECT '${x}';\n-- \uFEFFo\n"));
      assert.equal(repeatable.checksum, checksum("SELECT 1;\n\uFEFFSELECT 'one';\n-- \uFEFFo\n"));
      const { source, sql } = await loadScript(versioned, options(), own);
      assert.equal(sql.text, "SELECT 1;\nSELECT 'one';\n-- o\n");
      const at = sourceOffset(sql.replacements, sql.text.indexOf("o\n"));
      assert.deepEqual(positionAt(source, at), { line: 3, column: 5 });
      const off = await loadScript(versioned, options({ placeholderReplacement: false }), own);
      assert.equal(off.sql.text, "SELECT 1;\nSELECT '${x}';\n-- o\n");
    });
  });

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
