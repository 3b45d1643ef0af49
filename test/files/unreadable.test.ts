/** Folders and links that may not be read. */
import assert from "node:assert/strict";
import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { findFiles } from "../../engine/files/locations";
import { withFolder } from "../support/folder";
import { rejectionOf } from "../support/migrations";
import { withoutPrivileges } from "../support/privileges";

describe("files/locations: what may not be read", () => {
  const FILES = { "m/V1__a.sql": "", "m/shut/V2__b.sql": "", "m/lost+found/x": "" };
  /** What is found, with the folder shut to everybody. */
  const find = (folder: string, shut: string, location = "m") =>
    withoutPrivileges(folder, async () => findFiles([join(folder, location)], true)).finally(() =>
      chmodSync(join(folder, shut), 0o755),
    );
  const shutting = (folder: string, shut: string): string => {
    chmodSync(join(folder, shut), 0);
    return shut;
  };

  it("is refused by its name, below a location and as one", () =>
    withFolder(FILES, async (folder) => {
      for (const shut of ["m/shut", "m"]) {
        const error = await rejectionOf(find(folder, shutting(folder, shut)));
        assert.deepEqual([error.code, error.class], ["ERROR", "usage"]);
        assert.equal(error.message, `The folder ${join(folder, shut)} cannot be read (EACCES).`);
        assert.match(error.remedy, /Allow this user to read and enter it/);
      }
    }));

  it("is refused where the way to the location is shut", () =>
    withFolder(FILES, async (folder) => {
      const error = await rejectionOf(find(folder, shutting(folder, "m"), "m/shut"));
      assert.match(error.message, /m\/shut cannot be read \(EACCES\)/);
    }));

  it("is passed over where it is the folder that file systems make", () =>
    withFolder(FILES, async (folder) => {
      const { files, warnings } = await find(folder, shutting(folder, "m/lost+found"));
      assert.deepEqual(
        files.map(({ script }) => script),
        ["V1__a.sql", "shut/V2__b.sql"],
      );
      assert.deepEqual(warnings, []);
    }));

  it("is the fault of a link that leads through it", () =>
    withFolder({ ...FILES, "out/V3__c.sql": "" }, async (folder) => {
      symlinkSync("../out/V3__c.sql", join(folder, "m/V3__c.sql"));
      const { files } = await find(folder, shutting(folder, "out"));
      assert.equal(
        files.find(({ name }) => name === "V3__c.sql")?.fault,
        "is a link to something that may not be read (EACCES)",
      );
    }));
});
