import assert from "node:assert/strict";

import { summarize } from "../../engine/core/summary";
import { baselineRow, deleteRow, history, row, schemaRow, snapshot } from "../support/migrations";

describe("core/summary", () => {
  it("counts what was applied, a baseline among it, and neither marks nor failed rows", () => {
    const applied = history(
      schemaRow(),
      baselineRow("1"),
      row("2"),
      row(null, "views"),
      row("3"),
      deleteRow(row("3")),
      row("4", "late", { success: false }),
    );
    assert.deepEqual(summarize(snapshot({ applied }), "sha256:0"), {
      schemaVersion: "2",
      failed: "V4__late.sql",
      applied: 4,
      fingerprint: "sha256:0",
    });
  });

  it("is empty for an empty database", () => {
    assert.deepEqual(summarize(snapshot(), "sha256:1"), {
      schemaVersion: null,
      failed: null,
      applied: 0,
      fingerprint: "sha256:1",
    });
  });
});
