import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { withFolder } from "../support/folder";
import { withTestDatabase } from "../support/postgres";

const run = promisify(execFile);
const ROOT = resolve(__dirname, "../../.."); // compiled, this file lies in bin/test/job

interface ContextLibrary {
  readonly makeContext: (folder: string) => { packages: string[] };
}

/** The build context in a folder of its own: nothing around it lends a package. */
async function withContext<T>(work: (folder: string, packages: string[]) => Promise<T>) {
  const library = pathToFileURL(join(ROOT, "scripts/lib/image-context.mjs")).href;
  const { makeContext } = (await import(library)) as ContextLibrary;
  return withFolder({}, async (outside) => {
    const folder = join(outside, "context");
    return work(folder, makeContext(folder).packages);
  });
}

const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe("the build context of the image", function () {
  this.timeout(60_000);

  it("holds the engine with all that it loads, and nothing of Pulumi or Kubernetes", async () => {
    await withContext(async (folder, packages) => {
      for (const name of ["pg", "commander", "smol-toml", "libpg-query", "zod"])
        assert.ok(packages.includes(name), name);
      assert.deepEqual(
        packages.filter((name) => /pulumi|kubernetes|grpc|mocha|typescript/.test(name)),
        [],
      );
      const size = filesOf(folder).reduce((sum, file) => sum + statSync(file).size, 0);
      assert.ok(size < 6_000_000, `${size} bytes`);
    });
  });

  it("may be read by everybody and written by nobody else, and bears no time", async () => {
    await withContext(async (folder) => {
      for (const file of filesOf(folder)) {
        const { mode, mtimeMs } = statSync(file);
        assert.equal((mode & 0o777).toString(8), "644", file);
        assert.equal(mtimeMs, 0, file);
      }
    });
  });

  it("runs: a Job with the migrations of the image, and lint", async () => {
    await withContext(async (folder) => {
      await withTestDatabase(async (db) => {
        const app = join(folder, "app");
        const main = join(app, "bin/engine/cli/main.js");
        const database = {
          name: "workflows",
          environment: { url: "U" },
          sslmode: "disable",
          createDatabase: false,
          locations: ["migrations/workflows"],
          options: {},
        };
        const spec = JSON.stringify({ formatVersion: 1, databases: [database] });
        await withFolder({ "job.json": spec }, async (mounted) => {
          const args = [main, "job", "--spec", join(mounted, "job.json")];
          const report = join(mounted, "report");
          const env = { PATH: process.env.PATH, U: db.url };
          await run(process.execPath, [...args, "--report", report], { cwd: folder, env });
          assert.match(
            readFileSync(report, "utf8"),
            /"state":"done","executed":1,"schemaVersion":"1"/,
          );
        });
        const lint = ["lint", "migrations/workflows"];
        const { stdout } = await run(process.execPath, [main, ...lint], { cwd: folder });
        assert.match(stdout, /no problem/);
      });
    });
  });
});

describe("the Dockerfile", () => {
  const text = readFileSync(join(ROOT, "Dockerfile"), "utf8");

  it("pins its base by digest, and runs as a user with a number", () => {
    assert.match(text, /^ARG BASE=\S+@sha256:[0-9a-f]{64}$/m);
    assert.match(text, /^USER [1-9]\d*:[1-9]\d*$/m);
    assert.deepEqual(text.match(/^FROM \S+/gm), ["FROM ${BASE}", "FROM engine", "FROM engine"]);
  });
});
