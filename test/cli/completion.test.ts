import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

import { COMMANDS } from "../../engine/cli/command-texts";
import { tidemark } from "../support/cli";
import { withFolder } from "../support/folder";

const COMMAND = resolve(__dirname, "../../engine/cli/main.js");

const FILES = {
  "migrations/platform/V1__a.sql": "",
  "migrations/agents/V1__a.sql": "",
  "with space/V1__a.sql": "",
};

/** What real bash offers for the last of the words, by the script that the command prints. */
function offered(words: readonly string[], cwd: string): string[] {
  const script = `
    . <("$1" "$2" completion bash); shift 2
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tidemark
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ["--norc", "-c", script, "-", process.execPath, COMMAND, "tidemark", ...words];
  const { stdout, stderr } = spawnSync("bash", args, { cwd, encoding: "utf8" });
  assert.equal(stderr, "");
  return stdout.split("\n").filter(Boolean);
}

describe("tidemark completion", function () {
  this.timeout(60_000);

  it("offers every command, and the options of each, in bash", async () => {
    await withFolder(FILES, (folder) => {
      const commands = offered([""], folder);
      for (const { name, options } of COMMANDS) {
        assert.ok(commands.includes(name), name);
        const flags = offered([name, "--"], folder);
        for (const { long } of options) assert.ok(flags.includes(long ?? ""), `${name} ${long}`);
      }
      assert.deepEqual(offered(["mig"], folder), ["migrate"]);
      return Promise.resolve();
    });
  });

  it("offers folders for locations, also behind = and a comma, and databases", async () => {
    await withFolder(FILES, (folder) => {
      assert.deepEqual(offered(["info", "--locations", "mig"], folder), ["migrations"]);
      assert.deepEqual(offered(["info", "--locations", "=", "mig"], folder), ["migrations"]);
      assert.deepEqual(offered(["info", "--locations", "a,migrations/pl"], folder), [
        "a,migrations/platform",
      ]);
      assert.deepEqual(offered(["lint", "with"], folder), ["with space"]);
      assert.deepEqual(offered(["new", "x", "--database", "p"], folder), ["platform"]);
      assert.deepEqual(offered(["info", "--group", "t"], folder), ["true"]);
      assert.deepEqual(offered(["completion", "b"], folder), ["bash"]);
      return Promise.resolve();
    });
  });

  for (const shell of ["zsh", "fish"]) {
    it(`prints a script for ${shell}, which that shell can read where it is installed`, async () => {
      const { code, stdout } = await tidemark(["completion", shell]);
      assert.equal(code, 0);
      for (const { name } of COMMANDS) assert.ok(stdout.includes(name), name);
      const { error, status, stderr } = spawnSync(shell, ["-n"], {
        input: stdout,
        encoding: "utf8",
      });
      if (error) return; // not installed here
      assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    });
  }

  it("refuses another shell, and names those it knows", async () => {
    const { code, stderr } = await tidemark(["completion", "csh"]);
    assert.equal(code, 64);
    assert.match(stderr, /csh.*bash, zsh, fish\.\n/);
  });
});

describe("a command line without a command", () => {
  it("shows the help and ends with 64", async () => {
    const { code, stdout, stderr } = await tidemark([]);
    assert.deepEqual({ code, stdout }, { code: 64, stdout: "" });
    assert.match(stderr, /^Usage: tidemark[^]*\n {2}migrate/);
  });

  it("suggests the command that was meant", async () => {
    const { code, stderr } = await tidemark(["inof"]);
    assert.equal(code, 64);
    assert.match(stderr, /Unknown command 'inof'\. Did you mean info\?/);
  });
});
