import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";

import { withFolder } from "../support/folder";
import { withTestDatabase } from "../support/postgres";

const COMMAND = resolve(__dirname, "../../engine/cli/main.js");

/** A skipped test would fail where none may be pending. */
const leaveOut = (title: string): void =>
  void process.stdout.write(`left out here, since there is no /dev/full: ${title}\n`);

/** Runs the command in a shell, with an output that does not last. @returns what the shell's stderr has. */
function shell(script: string, args: readonly string[]): Promise<{ code: number; stderr: string }> {
  const child = spawn("bash", ["-c", script, "-", process.execPath, COMMAND, ...args], {
    env: { PATH: process.env.PATH ?? "", TZ: "UTC" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((done, failed) => {
    child.on("error", failed).on("close", (code) => done({ code: code ?? -1, stderr }));
  });
}

const STACK = /^\s+at |Unhandled|EPIPE/m;

describe("the tidemark command, whose output is lost", function () {
  this.timeout(60_000);

  it("ends without a word where the reader of its help has gone", async () => {
    const { code, stderr } = await shell('set -o pipefail; "$@" | head -1', ["migrate", "--help"]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  });

  it("ends with the code of its work where the reader of its result has gone", async () => {
    const { code, stderr } = await shell('"$@" | true; exit ${PIPESTATUS[0]}', ["clean", "--json"]);
    assert.equal(code, 64);
    assert.doesNotMatch(stderr, STACK);
  });

  it("migrates to the end, though nobody reads its log any more", async () => {
    await withTestDatabase(async (db) => {
      const count = 30;
      const sql = (n: number): string => `CREATE TABLE t${n} (id int); SELECT pg_sleep(0.02);`;
      const files = Object.fromEntries(
        Array.from({ length: count }, (_, n) => [`V${n + 1}__t.sql`, sql(n)]),
      );
      await withFolder(files, async (folder) => {
        const args = ["migrate", "--url", db.url, "--locations", folder];
        const { code } = await shell('"$@" 2>&1 | head -1; exit ${PIPESTATUS[0]}', args);
        assert.equal(code, 0);
      });
      const { rows } = await db.client.query("SELECT 1 FROM flyway_schema_history WHERE success");
      assert.equal(rows.length, count);
    });
  });

  const onFullDisk = existsSync("/dev/full") ? it : leaveOut;
  onFullDisk(
    "says that a full disk has swallowed its result, and does not end with 0",
    async () => {
      await withTestDatabase(async (db) => {
        await withFolder({ "V1__a.sql": "CREATE TABLE a (id int);" }, async (folder) => {
          const args = ["migrate", "--json", "--url", db.url, "--locations", folder];
          const { code, stderr } = await shell('"$@" > /dev/full', args);
          assert.equal(code, 75, stderr);
          assert.match(stderr, /The output cannot be written: ENOSPC/);
          assert.doesNotMatch(stderr, STACK);
        });
      });
    },
  );
});
