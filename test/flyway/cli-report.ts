/**
 * Development aid: `node bin/test/flyway/cli-report.js [part of a name]` lists all differences from Flyway;
 * with `--accept` it records them as the deviations of these cases, to be reviewed and explained in the guide.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { compareCase, type Difference } from "./compare";
import { caseNames, CORPUS, readCase } from "./corpus";
import { runCase, serverMajor } from "./run-case";

function accept(name: string, differences: readonly Difference[]): void {
  const file = join(CORPUS, "deviations", `${name}.json`);
  rmSync(file, { force: true });
  if (differences.length === 0) return;
  mkdirSync(join(CORPUS, "deviations"), { recursive: true });
  writeFileSync(file, `${JSON.stringify(differences, null, 1)}\n`);
}

async function main(filter: string, accepting: boolean): Promise<void> {
  for (const name of caseNames().filter((n) => n.includes(filter))) {
    const { definition, golden, folder } = readCase(name);
    const differences = compareCase(golden, await runCase(definition, folder), await serverMajor());
    if (accepting) accept(name, differences);
    process.stdout.write(`${differences.length === 0 ? "same" : "DIFF"} ${name}\n`);
    for (const { step, what, flyway, ours } of differences.slice(0, 6)) {
      process.stdout.write(
        `   step ${step} ${what}\n     flyway ${JSON.stringify(flyway)?.slice(0, 400)}\n     ours   ${JSON.stringify(ours)?.slice(0, 400)}\n`,
      );
    }
  }
}

const args = process.argv.slice(2);
void main(args.find((arg) => !arg.startsWith("--")) ?? "", args.includes("--accept"));
