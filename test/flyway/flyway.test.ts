import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { compareCase, type Difference } from "./compare";
import { caseNames, CORPUS, readCase } from "./corpus";
import { runCase, serverMajor } from "./run-case";

const GUIDE = resolve(CORPUS, "../../docs/flyway-compatibility.md");

/** Where we differ on purpose: our result of the case, reviewed by hand; why, says the table in the guide. */
function deviationsOf(name: string): readonly Difference[] {
  const file = join(CORPUS, "deviations", `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Difference[]) : [];
}

/**
 * Cases that mean something else on an older server: of two the SQL is of that major, and the last relies on a role that
 * may make nothing in the schema public. What happens there instead is in test/majors/differences.test.ts.
 */
const SINCE: Readonly<Record<string, number>> = {
  "096-parsing-begin-atomic-simple": 14,
  "098-parsing-begin-atomic-params": 14,
  "242-history-read-only-user": 15,
};

describe("the command does what real Flyway did", function () {
  this.timeout(120_000);

  for (const name of caseNames()) {
    const deviations = deviationsOf(name);
    const title = deviations.length > 0 ? `${name}, but for what the guide says` : name;
    it(title, async () => {
      const major = await serverMajor();
      if (major < (SINCE[name] ?? 0)) return;
      const { definition, golden, folder } = readCase(name);
      const differences = compareCase(golden, await runCase(definition, folder), major);
      assert.deepEqual(JSON.parse(JSON.stringify(differences)), deviations);
    });
  }
});

describe("the compatibility guide", () => {
  it("names every case in which we differ from Flyway, and no other", () => {
    const named = [...readFileSync(GUIDE, "utf8").matchAll(/^\| `(\d{3}-[^`]+)` +\|/gm)].map(
      (m) => m[1],
    );
    const deviating = caseNames().filter((name) => deviationsOf(name).length > 0);
    assert.deepEqual(named.sort(), deviating);
  });
});
