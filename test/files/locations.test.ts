import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
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

  it("follows links to folders and files, wherever they lead, and names the files by them", () =>
    withFolder({ ...FILES, "out/V5__e.sql": "", "out/deep/V6__f.sql": "" }, async (folder) => {
      const at = (name: string) => join(folder, name);
      await symlink("../out", at("m/shared"));
      await symlink("../out/V5__e.sql", at("m/V7__g.sql"));
      await symlink("../../m/.hidden", at("m/sub/open"));
      await symlink("../out", at("m/.closed"));
      await symlink(at("m"), at("link"));
      const expected = [
        ...[".keep", "V1__a.sql", "V7__g.sql", "shared/V5__e.sql", "shared/deep/V6__f.sql"],
        ...["sub/deep/V2__b.sql", "sub/open/V3__c.sql"],
      ];
      for (const location of ["m", "link"]) {
        const { files, warnings } = await findFiles([at(location)], true);
        assert.deepEqual(
          files.map(({ script }) => script),
          expected,
        );
        assert.deepEqual(warnings, []);
      }
    }));

  it("finds each file once, and ends where links lead in a circle", () =>
    withFolder({ "m/z/V1__a.sql": "", "m/b/V2__b.sql": "" }, async (folder) => {
      const at = (name: string) => join(folder, name);
      await symlink("z", at("m/alias"));
      await symlink("..", at("m/z/up"));
      await symlink("../..", at("m/z/out"));
      await symlink("self", at("m/self"));
      await symlink("../z/V1__a.sql", at("m/b/V1__a.sql"));
      const { files, warnings } = await findFiles([at("m"), at("m/z/up/b"), at("m/../m")], true);
      const readable = files.filter(({ fault }) => fault === undefined);
      assert.deepEqual(
        readable.map(({ script }) => script),
        ["b/V1__a.sql", "b/V2__b.sql"],
      );
      assert.deepEqual(
        files.flatMap(({ script, fault }) => (fault ? [`${script} ${fault}`] : [])),
        ["self is a link that leads to itself"],
      );
      assert.deepEqual(
        warnings,
        ["alias", "z/out", "z/up"].map(
          (link) => `${link} is passed over: it is a link to a folder that is read already.`,
        ),
      );
    }));

  it("says of special files what they are, whether or not anybody asks", () =>
    withFolder({ "m/V1__a.sql": "" }, async (folder) => {
      execFileSync("mkfifo", [join(folder, "m/pipe")]);
      await symlink("/dev/null", join(folder, "m/device"));
      const { files } = await findFiles([join(folder, "m")], true);
      assert.deepEqual(
        files.map(({ script, fault }) => [script, fault]),
        [
          ["V1__a.sql", undefined],
          ["device", "is a device"],
          ["pipe", "is a named pipe"],
        ],
      );
    }));

  it("takes patterns of folders and of files", () => {
    const files = {
      ...{ "a/V3__c.sql": "", "a1/V1__a.sql": "", "a2/V2__b.sql": "", "a2/R__r.sql": "" },
      ...{
        "a1/V1__a.sql.conf": "",
        "a2/deep/V5__e.sql": "",
        "V6__f.sql": "",
        "v1.0/V8__h.sql": "",
      },
      "x/s1/s2/V9__i.sql": "",
    };
    const expected: Record<string, string[]> = {
      "a*/V*.sql": ["a1/V1__a.sql", "a1/V1__a.sql.conf", "a2/V2__b.sql"],
      "a*": ["R__r.sql", "V1__a.sql", "V1__a.sql.conf", "V2__b.sql", "deep/V5__e.sql"],
      "a?/deep": ["V5__e.sql"],
      "V*.sql": ["V6__f.sql"],
      "**/R*.sql": ["a2/R__r.sql"],
      "**/deep": ["V5__e.sql"],
      "**/s*": ["s2/V9__i.sql"],
      "v?.0": [],
      "v?*": ["V8__h.sql"],
      "a2/**": [],
    };
    return withFolder(files, async (folder) => {
      for (const [location, found] of Object.entries(expected)) {
        assert.deepEqual(await scripts([join(folder, location)]), found, location);
        if (found.length > 0) continue;
        const { warnings } = await findFiles([join(folder, location)], false);
        assert.deepEqual(warnings, [`The location ${join(folder, location)} matches no file.`]);
      }
    });
  });

  it("reports an absent folder, and refuses it where locations are required", () =>
    withFolder(FILES, async (folder) => {
      const locations = [join(folder, "m"), join(folder, "nope"), join(folder, "m/V1__a.sql")];
      const { files, warnings } = await findFiles(locations.slice(0, 2), false);
      assert.equal(files.length, 3);
      assert.deepEqual(warnings, [`The location ${locations[1]} does not exist.`]);
      const error = await rejectionOf(findFiles(locations.slice(0, 2), true));
      assert.equal(error.code, "ERROR");
      assert.equal(error.class, "usage");
      assert.ok(error.message.includes(locations[1] ?? "?"));
      assert.match(error.remedy, /migrations: none/);
      const both = ["a", "b"].map((name) => join(folder, name));
      assert.equal(
        (await rejectionOf(findFiles(both, true))).message,
        `The migrations folder ${both.join(" does not exist, ")} does not exist.`,
      );
    }));

  it("takes a prefix for one only where the location begins with it", () =>
    withFolder({ "m/filesystem:x/V1__a.sql": "" }, async (folder) => {
      assert.deepEqual(await scripts([join(folder, "m/filesystem:x")]), ["V1__a.sql"]);
    }));

  it("takes a file in place of a folder for an absent one", () =>
    withFolder(FILES, async (folder) => {
      const { warnings } = await findFiles([join(folder, "m/V1__a.sql")], false);
      assert.equal(warnings.length, 1);
    }));

  for (const location of ["classpath:db/migration", "s3:bucket", "gcs:bucket/x"]) {
    it(`refuses ${location}, and says what is supported`, async () => {
      const error = await rejectionOf(findFiles([location], false));
      assert.deepEqual([error.code, error.class], ["CONFIGURATION", "usage"]);
      assert.ok(error.message.includes(location));
      assert.match(error.remedy, /filesystem:/);
    });
  }
});
