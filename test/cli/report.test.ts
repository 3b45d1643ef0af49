import assert from "node:assert/strict";

import { emptyReport, type Report, reportFailure, scrubReport } from "../../engine/cli/report";
import { TidemarkError } from "../../engine/core/errors";
import { failureText } from "../../engine/core/failure-text";
import { Secrets } from "../../engine/core/secrets";

const SECRET = "pass-word-1";
const secrets = new Secrets({ values: [SECRET, "V1__so-secret.sql"] });

describe("cli/report", () => {
  const migration = { version: "1", description: SECRET, type: "SQL", script: "V1__so-secret.sql" };
  const report: Report = {
    ...emptyReport("migrate"),
    database: SECRET,
    schemaVersion: SECRET,
    applied: [migration],
    warnings: [`it is ${SECRET}, in V1__so-secret.sql`],
    steps: [{ kind: "apply", ...migration }],
  };

  it("has its warnings scrubbed, and all data as it is", () => {
    assert.deepEqual(scrubReport(report, secrets), {
      ...report,
      warnings: ["it is [secret], in V1__so-secret.sql"],
    });
  });

  it("of a failure has its message, remedy and problems scrubbed, and all data as it is", () => {
    const error = new TidemarkError(
      {
        ...{ code: "VALIDATE_ERROR", class: "migrations" },
        message: `no ${SECRET}`,
        remedy: `Not ${SECRET}.`,
        ...{ migration: "V1__so-secret.sql", line: 1, column: 2, sqlState: "42601" },
      },
      [{ code: "ERROR", version: "1", description: "x", message: SECRET, remedy: SECRET }],
    );
    assert.deepEqual(reportFailure("validate", error, failureText(error, secrets)), {
      ...emptyReport("validate"),
      ok: false,
      problems: [
        { code: "ERROR", version: "1", description: "x", message: "[secret]", remedy: "[secret]" },
      ],
      error: {
        code: "VALIDATE_ERROR",
        message: "no [secret]",
        remedy: "Not [secret].",
        ...{ migration: "V1__so-secret.sql", line: 1, column: 2, sqlState: "42601" },
      },
    });
  });
});
