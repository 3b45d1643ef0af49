import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

import { tidemark } from "../support/cli";
import { withFolder } from "../support/folder";
import { withTestDatabase } from "../support/postgres";

const COMMAND = resolve(__dirname, "../../engine/cli/main.js");
const CANARY = "c@n/ry: %#é";

describe("tidemark check", function () {
  this.timeout(60_000);

  it("compares by Flyway's order of versions, and says so in one line", async () => {
    await withTestDatabase((db) =>
      withFolder({ "V2.10__x.sql": "SELECT 1;" }, async (folder) => {
        const env = { DATABASE_URL: db.url };
        const none = await tidemark(["check", "--at-least", "1"], { env });
        assert.equal(none.code, 75);
        assert.match(none.stdout, /^Not yet \(at least 1\): \S+ is at version none, below 1\.\n$/);
        await tidemark(["migrate", "--locations", folder], { env });
        for (const [version, code] of Object.entries({
          "1": 0,
          "2.9": 0,
          "2.10": 0,
          "2.10.0": 0,
          "2.11": 75,
          "3": 75,
          "10": 75,
        })) {
          const result = await tidemark(["check", "--json", "--at-least", version], { env });
          const { ok, schemaVersion, database, atLeast } = result.report();
          assert.equal(result.code, code, version);
          assert.deepEqual(
            [ok, schemaVersion, database, atLeast],
            [code === 0, "2.10", db.name, version],
          );
        }
      }),
    );
  });

  it("is not satisfied by a failed row, whatever its version", async () => {
    await withTestDatabase((db) =>
      withFolder({ "V1__x.sql": "SELECT 1;", "V2__x.sql": "SELECT 1;" }, async (folder) => {
        const env = { DATABASE_URL: db.url };
        await tidemark(["migrate", "--locations", folder], { env });
        await db.client.query(
          "UPDATE flyway_schema_history SET success = false WHERE version = '2'",
        );
        for (const version of ["1", "2"]) {
          const { code, report } = await tidemark(["check", "--json", "--at-least", version], {
            env,
          });
          assert.deepEqual([code, report().failed], [75, "V2__x.sql"]);
        }
      }),
    );
  });

  it("waits until it is so", async () => {
    await withTestDatabase((db) =>
      withFolder({ "V1__x.sql": "SELECT 1;" }, async (folder) => {
        const env = { DATABASE_URL: db.url };
        const waiting = tidemark(["check", "--at-least", "1", "--wait", "30s"], { env });
        await tidemark(["migrate", "--locations", folder], { env });
        const { code, stdout } = await waiting;
        assert.equal(code, 0);
        assert.match(stdout, /^Yes: /);
      }),
    );
  });

  it("takes a database that is not there, or not reachable, for not yet, and shows no password", async () => {
    await withTestDatabase(async (db) => {
      const server = new URL(db.url);
      const absent = await tidemark(["check", "--at-least", "1", "--database", `${db.name}_x`], {
        env: { DATABASE_URL: server.href },
      });
      assert.equal(absent.code, 75, absent.stderr);
      assert.match(absent.stdout, /_x/);
    });
    const url = `postgresql://app:${encodeURIComponent(CANARY)}@127.0.0.1:1/db`;
    const began = Date.now();
    const { code, stdout, stderr } = await tidemark([
      "check",
      "--at-least",
      "1",
      "--wait",
      "2s",
      "--url",
      url,
    ]);
    assert.equal(code, 75);
    assert.ok(Date.now() - began >= 2000, "it did not wait");
    assert.match(stdout, /nothing listens there/);
    assert.equal(stderr.match(/nothing listens/g)?.length, 1, "the same reason is said once");
    for (const form of [CANARY, encodeURIComponent(CANARY)])
      assert.ok(!(stdout + stderr).includes(form));
  });

  it("exits with 64 for what is no version, time or database", async () => {
    const url = ["--url", "postgresql://u@127.0.0.1:1/db"];
    for (const args of [
      ["--at-least", "latest", ...url],
      ["--at-least", "1", "--wait", "soon", ...url],
      ["--at-least", "1"],
      url,
    ])
      assert.equal((await tidemark(["check", ...args])).code, 64, args.join(" "));
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const)
    it(`stops at ${signal} at once, also while it connects, with 75`, async () => {
      const url = "postgresql://u:p@127.0.0.1:1/db";
      const child = spawn(process.execPath, [
        COMMAND,
        "check",
        "--at-least",
        "1",
        "--wait",
        "5m",
        "--url",
        url,
      ]);
      await once(child.stderr, "data");
      const began = Date.now();
      child.kill(signal);
      const [code] = (await once(child, "close")) as [number | null];
      assert.equal(code, 75);
      assert.ok(Date.now() - began < 2000);
    });
});
