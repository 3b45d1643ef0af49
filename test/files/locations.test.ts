import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join, relative } from "node:path";

import { findFiles } from "../../engine/files/locations";
import { withFolder } from "../support/folder";
import { rejectionOf } from "../support/migrations";

const FILES = {
  "m/V1__a.sql": "",
  "m/sub/deep/V2__b.sql": "",
  "m/.hidden/V3__c.sql": "",
  "m/.keep": "",
  "other/R__v.sql": "",
};

async function scripts(locations: readonly string[]): Promise<string[]> {
  const { files } = await findFiles(locations, false);
  return files.map((file) => file.script).sort();
}

describe("files/locations", () => {
  it("finds all files below, named by their path below the location, hidden folders left out", () =>
    withFolder(FILES, async (folder) => {
      const expected = [".keep", "V1__a.sql", "sub/deep/V2__b.sql"];
      assert.deepEqual(await scripts([join(folder, "m")]), expected);
      assert.deepEqual(await scripts([`filesystem:${join(folder, "m")}`]), expected);
      assert.deepEqual(await scripts([relative(".", join(folder, "m"))]), expected);
    }));

  it("looks into a hidden folder that is named itself", () =>
    withFolder(FILES, async (folder) => {
      assert.deepEqual(await scripts([join(folder, "m/.hidden")]), ["V3__c.sql"]);
    }));

  it("joins several locations, each of which names its own files", () =>
    withFolder(FILES, async (folder) => {
      const both = [join(folder, "m/sub"), join(folder, "other")];
      assert.deepEqual(await scripts(both), ["R__v.sql", "deep/V2__b.sql"]);
    }));

  it("counts a location inside another, or given twice, once, the outer one naming the files", () =>
    withFolder(FILES, async (folder) => {
      const [outer, inner] = [join(folder, "m"), join(folder, "m/sub")];
      const expected = [".keep", "V1__a.sql", "sub/deep/V2__b.sql"];
      assert.deepEqual(await scripts([inner, outer]), expected);
      assert.deepEqual(await scripts([outer, inner]), expected);
      assert.deepEqual(await scripts([outer, `${outer}/`, `filesystem:${outer}`]), expected);
    }));

  it("does not take a folder whose name only begins the same for one inside", () =>
    withFolder({ "m/V1__a.sql": "", "m2/V2__b.sql": "" }, async (folder) => {
      const both = [join(folder, "m"), join(folder, "m2")];
      assert.deepEqual(await scripts(both), ["V1__a.sql", "V2__b.sql"]);
    }));

  it("finds each file of a mounted ConfigMap once, though all of them are links", () =>
    withFolder({ "..2024_01_01/V1__a.sql": "SELECT 1;" }, async (folder) => {
      await symlink("..2024_01_01", join(folder, "..data"));
      await symlink("..data/V1__a.sql", join(folder, "V1__a.sql"));
      const found = (await scripts([folder])).filter((script) => script.endsWith(".sql"));
      assert.deepEqual(found, ["V1__a.sql"]);
    }));

  it("reports an absent folder, and refuses it where locations are required", () =>
    withFolder(FILES, async (folder) => {
      const locations = [join(folder, "m"), join(folder, "nope"), join(folder, "m/V1__a.sql")];
      const { files, missing } = await findFiles(locations.slice(0, 2), false);
      assert.equal(files.length, 3);
      assert.deepEqual(missing, [locations[1]]);
      const error = await rejectionOf(findFiles(locations.slice(0, 2), true));
      assert.equal(error.code, "ERROR");
      assert.equal(error.class, "usage");
      assert.ok(error.message.includes(locations[1] ?? "?"));
      assert.match(error.remedy, /migrations: none/);
    }));

  it("takes a file in place of a folder for an absent one", () =>
    withFolder(FILES, async (folder) => {
      const { missing } = await findFiles([join(folder, "m/V1__a.sql")], false);
      assert.equal(missing.length, 1);
    }));

  for (const location of ["classpath:db/migration", "s3:bucket", "gcs:bucket/x"]) {
    it(`refuses ${location}, and says what is supported`, async () => {
      const error = await rejectionOf(findFiles([location], false));
      assert.equal(error.code, "CONFIGURATION");
      assert.ok(error.message.includes(location));
      assert.match(error.remedy, /filesystem:/);
    });
  }
});
