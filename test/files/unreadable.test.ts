import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod } from "node:fs/promises";
import { join } from "node:path";

import { withFolder } from "../support/folder";

// Starts a process of another user: not among the unit tests of unit.mocharc.cjs.
describe("files/locations", () => {
  it("refuses a folder that may not be read, by its name, but for the one that file systems make", () =>
    withFolder(
      { "m/V1__a.sql": "", "m/shut/V2__b.sql": "", "m/lost+found/x": "" },
      async (folder) => {
        const find = `import("${join(__dirname, "../../engine/files/locations.js")}")
        .then(({ findFiles }) => findFiles(["${join(folder, "m")}"], false))
        .then(({ files }) => console.log(files.length + " found"), (e) => console.log(e.code + ": " + e.message))`;
        await chmod(folder, 0o755);
        await chmod(join(folder, "m/lost+found"), 0);
        // The superuser may read everything: another user asks.
        const asOther = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
        const ask = () =>
          execFileSync(process.execPath, ["-e", find], {
            ...asOther,
            cwd: "/",
            encoding: "utf8",
          }).trim();
        assert.equal(ask(), "2 found");
        await chmod(join(folder, "m/shut"), 0);
        assert.match(ask(), /^ERROR: The folder .*m\/shut cannot be read \(EACCES\)\.$/);
        await chmod(join(folder, "m/shut"), 0o755);
      },
    ));
});
