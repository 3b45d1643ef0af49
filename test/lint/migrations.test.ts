import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { tidemark } from "../support/cli";
import { withFolder } from "../support/folder";

const ROOT = resolve(__dirname, "../../..");

describe("the repository's own migrations", function () {
  this.timeout(30_000);

  it("pass lint, with platform V2 exempt by name", async () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const args = (scripts["lint:migrations"] ?? "").split(" ").slice(2);
    const { code, stderr } = await tidemark([...args, "--json"], { cwd: ROOT });
    assert.equal(code, 0, stderr);
  });

  it("would not pass without the exemption: each row of data is named with file and line", async () => {
    const { code, report } = await tidemark(["lint", "--json"], { cwd: ROOT });
    assert.equal(code, 65);
    assert.ok(
      report().problems.every((p) =>
        p.message.includes(join("platform", "V2__seed_baseline_data.sql:")),
      ),
    );
  });
});

describe("lint", function () {
  this.timeout(30_000);

  const cases: readonly [string, Record<string, string>, RegExp][] = [
    [
      "data",
      { "db/V1__x.sql": "CREATE TABLE a (id int);\n\nINSERT INTO a VALUES (1);" },
      /V1__x\.sql:3:1: INSERT/,
    ],
    ["wrong syntax", { "db/V1__x.sql": "CREATE TABEL a (id int);" }, /V1__x\.sql:1:8/],
    ["a wrong name", { "db/V1_x.sql": "SELECT 1;" }, /V1_x\.sql/],
    ["a name in lower case", { "db/v1__x.sql": "SELECT 1;" }, /v1__x\.sql/],
    [
      "two files of one version",
      { "db/V1__a.sql": "", "db/V01__b.sql": "" },
      /V1__a\.sql.*V01__b\.sql|V01__b\.sql.*V1__a\.sql/,
    ],
  ];
  for (const [what, files, expected] of cases) {
    it(`refuses ${what}, with the file`, async () => {
      const { code, report } = await withFolder(files, (cwd) =>
        tidemark(["lint", "db", "--json"], { cwd }),
      );
      assert.equal(code, 65);
      const messages = [report().error?.message ?? "", ...report().problems.map((p) => p.message)];
      assert.match(messages.join("\n"), expected);
      assert.ok((report().error?.remedy ?? "").length > 10);
    });
  }

  it("refuses a folder that does not exist", async () => {
    const { code, report } = await withFolder({}, (cwd) =>
      tidemark(["lint", "nowhere", "--json"], { cwd }),
    );
    assert.equal(code, 64);
    assert.match(report().error?.message ?? "", /nowhere/);
  });
});
