/** The version rule over random histories, also through the Job's report. */
import { strict as assert } from "node:assert";

import fc from "fast-check";

import { failedRow, schemaVersion } from "../../engine/core/info";
import type { AppliedMigration } from "../../engine/core/migration";
import type { DatabaseSnapshot } from "../../engine/core/snapshot";
import { summarize } from "../../engine/core/summary";
import { compareVersions, parseVersion } from "../../engine/core/version";
import { decodeReport, encodeReport, type JobReport } from "../../engine/job/report";

interface Row {
  readonly version: number | null;
  readonly success: boolean;
}

const histories = fc.array(
  fc.record<Row>({
    version: fc.option(fc.integer({ min: 1, max: 30 }), { nil: null }),
    success: fc.boolean(),
  }),
  { maxLength: 15 },
);

const appliedOf = (rows: readonly Row[]): AppliedMigration[] =>
  rows.map(({ version, success }, i) => ({
    installedRank: i + 1,
    version: version === null ? null : (parseVersion(String(version)) ?? null),
    description: `d${i}`,
    type: "SQL",
    script: version === null ? `R__${i}.sql` : `V${version}__${i}.sql`,
    checksum: i,
    installedBy: "u",
    installedOn: "2026-01-01 00:00:00",
    executionTimeMs: 1,
    success,
  })) as unknown as AppliedMigration[];

describe("core: the version of a history with failed rows", () => {
  it("is the highest of those that have succeeded, and never that of a row that has not", () => {
    fc.assert(
      fc.property(histories, (rows) => {
        const applied = appliedOf(rows);
        const good = rows.flatMap(({ version, success }) =>
          success && version !== null ? [version] : [],
        );
        const wanted = good.length > 0 ? String(Math.max(...good)) : undefined;
        assert.equal(schemaVersion(applied)?.text, wanted);
      }),
      { numRuns: 500 },
    );
  });

  it("has a failed row where one stands, the newest", () => {
    fc.assert(
      fc.property(histories, (rows) => {
        const applied = appliedOf(rows);
        const last = applied.filter(({ success }) => !success).at(-1);
        assert.equal(failedRow(applied)?.script, last?.script);
      }),
      { numRuns: 500 },
    );
  });

  it("is the same through a summary and the Job's report", () => {
    fc.assert(
      fc.property(histories, (rows) => {
        const applied = appliedOf(rows);
        const snapshot = { applied } as unknown as DatabaseSnapshot;
        const summary = summarize(snapshot, "sha256:0");
        // A run that ends well leaves no failed row.
        const error = { code: "ERROR", class: "migrations", message: "m", remedy: "r" } as const;
        const end = summary.failed === null ? { state: "done" } : { state: "failed", error };
        const report = decodeReport(
          encodeReport({
            databases: { shop: { executed: 0, ...summary, ...end } },
          } as unknown as JobReport),
        );
        const { schemaVersion: version, failed } = report?.databases.shop ?? {};
        assert.equal(version ?? null, schemaVersion(applied)?.text ?? null);
        assert.equal(failed ?? null, failedRow(applied)?.script ?? null);
        const highest = applied
          .filter((row) => row.success && row.version)
          .map((row) => row.version)
          .reduce<AppliedMigration["version"]>(
            (a, b) => (!a || (b && compareVersions(b, a) > 0) ? b : a),
            null,
          );
        assert.equal(version ?? null, highest?.text ?? null);
      }),
      { numRuns: 300 },
    );
  });
});
