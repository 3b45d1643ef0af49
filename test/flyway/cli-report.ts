/** Development aid: `node bin/test/flyway/cli-report.js [part of a name]` lists all differences from Flyway. */
import { compareCase } from "./compare";
import { caseNames, readCase } from "./corpus";
import { runCase } from "./run-case";

async function main(filter: string): Promise<void> {
  for (const name of caseNames().filter((n) => n.includes(filter))) {
    const { definition, golden, folder } = readCase(name);
    const differences = compareCase(golden, await runCase(definition, folder));
    process.stdout.write(`${differences.length === 0 ? "same" : "DIFF"} ${name}\n`);
    for (const { step, what, flyway, ours } of differences.slice(0, 6)) {
      process.stdout.write(
        `   step ${step} ${what}\n     flyway ${JSON.stringify(flyway)?.slice(0, 400)}\n     ours   ${JSON.stringify(ours)?.slice(0, 400)}\n`,
      );
    }
  }
}

void main(process.argv[2] ?? "");
