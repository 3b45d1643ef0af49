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

/** What a shell offers for each of the lines, without descriptions; `script` lies in the folder. */
type Offer = (folder: string, lines: readonly string[]) => string[][];

const ZSH_SCRIPT = resolve(__dirname, "../../../test/cli/complete.zsh");

const offeredByZsh: Offer = (cwd, lines) => {
  const args = ["-f", ZSH_SCRIPT, "script", ...lines];
  return listsOf(spawnSync("zsh", args, { cwd, encoding: "utf8", timeout: 110_000 }));
};

const offeredByFish: Offer = (cwd, lines) => {
  const command = "source script; for line in $argv; complete -C $line; printf '%s\\n' --; end";
  const args = ["--no-config", "-c", command, ...lines];
  return listsOf(spawnSync("fish", args, { cwd, encoding: "utf8", timeout: 110_000 }));
};

/** A list ends with a line `--`; a word may have a description behind a tab, and a folder a slash. */
function listsOf({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) {
  assert.equal(stderr, "");
  const lists = stdout.split(/^--\n/m).slice(0, -1);
  const word = (line: string) =>
    (line.split("\t")[0] ?? "").replace(/\/$/, "").replaceAll("\\ ", " ");
  return lists.map((list) => [...new Set(list.split("\n").filter(Boolean).map(word))]);
}

describe("tidemark completion", function () {
  this.timeout(120_000);

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

  for (const [shell, offer] of Object.entries({ zsh: offeredByZsh, fish: offeredByFish })) {
    it(`offers the same in real ${shell}, where it is installed`, async function () {
      if (spawnSync(shell, ["--version"]).error) {
        if (this.test) this.test.title += `: ${shell} is not installed`;
        return this.skip();
      }
      const { stdout } = await tidemark(["completion", shell]);
      await withFolder({ ...FILES, script: stdout }, (folder) => {
        const [commands, mig, locations, lint, database, words, group, ...flags] = offer(folder, [
          "tidemark ",
          "tidemark mig",
          "tidemark info --locations mig",
          "tidemark lint wi",
          "tidemark new x --database p",
          "tidemark completion b",
          shell === "fish" ? "tidemark info --group=t" : "tidemark info --group t",
          ...COMMANDS.map(({ name }) => `tidemark ${name} --`),
        ]);
        for (const { name } of COMMANDS) assert.ok(commands?.includes(name), name);
        assert.deepEqual(mig, ["migrate"]);
        assert.deepEqual(locations, ["migrations"]);
        assert.deepEqual(lint, ["with space"]);
        assert.deepEqual(database, ["platform"]);
        assert.deepEqual(words, ["bash"]);
        assert.deepEqual(group, [shell === "fish" ? "--group=true" : "true"]);
        for (const [i, { name, options }] of COMMANDS.entries())
          for (const { long } of options)
            assert.ok(flags[i]?.includes(long ?? ""), `${name} ${long}: ${flags[i]?.join(" ")}`);
        return Promise.resolve();
      });
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
