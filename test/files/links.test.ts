/** Links and what is neither file nor folder. */
import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { findFiles } from "../../engine/files/locations";
import { isInside, isNodeError, walk } from "../../engine/files/walk";
import { withFolder } from "../support/folder";

const found = async (folder: string) => {
  const { files, warnings } = await findFiles([folder], true);
  return {
    scripts: files.flatMap(({ script, fault }) => (fault === undefined ? [script] : [])),
    faults: files.flatMap(({ script, fault }) =>
      fault === undefined ? [] : [`${script} ${fault}`],
    ),
    warnings,
  };
};

describe("files/walk: links", () => {
  it("of several to one folder the first by name is followed", () =>
    withFolder({ "out/V1__a.sql": "", "m/.keep": "" }, async (folder) => {
      const names = ["k", "c", "z", "a", "q", "b", "y", "d"];
      for (const name of names) symlinkSync("../out", join(folder, "m", name));
      const { scripts, warnings } = await found(join(folder, "m"));
      assert.deepEqual(scripts, [".keep", "a/V1__a.sql"]);
      assert.equal(warnings.length, names.length - 1);
    }));

  it("of other names to one file are files of their own; of one name they are one", () =>
    withFolder({ "out/x.sql": "", "m/a/.keep": "", "m/b/.keep": "" }, async (folder) => {
      const link = (name: string) =>
        symlinkSync(join(folder, "out/x.sql"), join(folder, "m", name));
      ["V1__a.sql", "V2__b.sql", "a/V3__c.sql", "b/V3__c.sql"].forEach(link);
      const { scripts } = await found(join(folder, "m"));
      assert.deepEqual(scripts, ["V1__a.sql", "V2__b.sql", "a/.keep", "a/V3__c.sql", "b/.keep"]);
    }));

  it("that are hidden are files where they lead to files, and are not followed to folders", () =>
    withFolder({ "out/x": "", "m/sub/V1__a.sql": "" }, async (folder) => {
      symlinkSync("../out/x", join(folder, "m/.file"));
      symlinkSync("../out", join(folder, "m/.folder"));
      symlinkSync("sub", join(folder, "m/.known"));
      const { scripts, warnings } = await found(join(folder, "m"));
      assert.deepEqual([scripts, warnings], [[".file", "sub/V1__a.sql"], []]);
    }));

  it("that lead to nothing have their reason", () =>
    withFolder({ "m/V1__a.sql": "" }, async (folder) => {
      symlinkSync("gone", join(folder, "m/a"));
      symlinkSync("V1__a.sql/x", join(folder, "m/b"));
      symlinkSync("x".repeat(300), join(folder, "m/c"));
      const { faults } = await found(join(folder, "m"));
      assert.deepEqual(faults, [
        "a is a link to something that does not exist",
        "b is a link to something that does not exist",
        "c cannot be read (ENAMETOOLONG)",
      ]);
    }));

  it("to the location itself, or to what holds it, are named as read already", () =>
    withFolder({ "m/V1__a.sql": "" }, async (folder) => {
      symlinkSync(".", join(folder, "m/self"));
      symlinkSync("..", join(folder, "m/up"));
      symlinkSync("/", join(folder, "m/root"));
      const { scripts, warnings } = await found(join(folder, "m"));
      assert.deepEqual(scripts, ["V1__a.sql"]);
      assert.deepEqual(
        warnings,
        ["root", "self", "up"].map(
          (link) => `${link} is passed over: it is a link to a folder that is read already.`,
        ),
      );
    }));
});

describe("files/walk: what is no file", () => {
  it("names a socket", () =>
    withFolder({ "m/V1__a.sql": "" }, async (folder) => {
      const server = createServer();
      await new Promise<void>((done) => server.listen(join(folder, "m/s"), done));
      try {
        assert.deepEqual((await found(join(folder, "m"))).faults, ["s is a socket"]);
      } finally {
        await new Promise((done) => server.close(done));
      }
    }));

  it("is a location only where it can be asked: a circle of links is an error of the system", () =>
    withFolder({}, async (folder) => {
      symlinkSync("self", join(folder, "self"));
      await assert.rejects(walk(join(folder, "self")), { code: "ELOOP" });
      assert.equal(await walk(join(folder, "nope")), undefined);
    }));

  it("leaves out the folder that file systems make for what they rescue", () =>
    withFolder({ "lost+found/V1__a.sql": "", "found/V2__b.sql": "" }, async (folder) => {
      assert.deepEqual((await found(folder)).scripts, ["found/V2__b.sql"]);
    }));
});

describe("files/walk: small questions", () => {
  it("knows what lies below a folder", () => {
    assert.ok(isInside("/a/b", "/a"));
    assert.ok(isInside("/a/b", "/a/"));
    assert.ok(isInside("/a", "/"));
    assert.ok(!isInside("/ab", "/a"));
    assert.ok(!isInside("/a", "/a/b"));
  });

  it("knows the errors of the system by their code", () => {
    assert.ok(isNodeError(Object.assign(new Error("x"), { code: "ENOENT" })));
    assert.ok(!isNodeError(new Error("x")));
    assert.ok(!isNodeError({ code: "ENOENT" }));
    assert.ok(!isNodeError(undefined));
  });
});
