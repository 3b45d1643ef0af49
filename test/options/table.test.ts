import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

import { DEFAULT_OPTIONS, STACK_DEFAULTS } from "../../engine/options/options";
import type { Row } from "../../engine/options/row";
import { jobOptionsSchema, secretOptionsSchema, STACK_SHAPE } from "../../engine/options/schemas";
import { ENGINE_OPTIONS, OTHER_OPTIONS } from "../../engine/options/table";

const ROWS: Readonly<Record<string, Row>> = { ...OTHER_OPTIONS, ...ENGINE_OPTIONS };
const ENGINE = resolve(__dirname, "../../engine");

describe("the table of options", () => {
  it("has Flyway's defaults", () => {
    // facts of Flyway 13's documentation, one of each kind
    assert.equal(DEFAULT_OPTIONS.table, "flyway_schema_history");
    assert.deepEqual(DEFAULT_OPTIONS.ignoreMigrationPatterns, ["*:future"]);
    assert.equal(DEFAULT_OPTIONS.validateOnMigrate, true);
    assert.equal(DEFAULT_OPTIONS.baselineDescription, "<< Flyway Baseline >>");
    assert.equal(DEFAULT_OPTIONS.connectRetriesInterval, 120);
    assert.ok(!("defaultSchema" in DEFAULT_OPTIONS), "what has no default is absent");
  });

  it("makes a stack's defaults strict", () => {
    assert.deepEqual(STACK_DEFAULTS.ignoreMigrationPatterns, []);
    assert.equal(STACK_DEFAULTS.validateMigrationNaming, true);
  });

  it("lets a stack set the same for the provider and for its Job, secrets apart", () => {
    const inJob = Object.keys(jobOptionsSchema.shape);
    const inSecret = Object.keys(secretOptionsSchema.shape);
    assert.deepEqual([...inJob, ...inSecret].sort(), Object.keys(STACK_SHAPE).sort());
    assert.deepEqual(inSecret.sort(), ["initSql", "placeholders"]);
  });

  for (const [key, { from, secret, help }] of Object.entries(ROWS)) {
    it(`${key}: ${from.join(", ") || "the engine's own"}`, () => {
      if (secret) assert.ok(!from.includes("job"), "a secret must not stand in job.json");
      if (from.includes("flag") || from.includes("stack")) assert.ok(help.length > 10, "no help");
    });
  }

  it("is read by the command without loading zod, which takes a quarter of its time", () => {
    const script = `
      for (const file of ["cli/program", "cli/environment", "cli/config-files", "cli/resolve-settings", "cli/commands"])
        require(${JSON.stringify(ENGINE)} + "/" + file + ".js");
      process.stdout.write(String(Object.keys(require.cache).filter((file) => /node_modules.zod/.test(file)).length));`;
    assert.equal(execFileSync(process.execPath, ["-e", script], { encoding: "utf8" }), "0");
  });
});
