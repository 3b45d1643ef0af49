/** What the rounds of a run came to. */
import type { RoundResult } from "./round";

export interface Line {
  readonly name: string;
  readonly rounds: number;
  readonly struck: number;
  readonly looks: number;
  readonly failures: number;
}

export function line(name: string, results: readonly RoundResult[], failures: number): Line {
  const looks = results.reduce((sum, result) => sum + result.looks, 0);
  const struck = results.filter((result) => result.struck).length;
  return { name, rounds: results.length + failures, struck, looks, failures };
}

const all: Line[] = [];
let title = "";

/** For the one table that is printed when every file has run. */
export function addLines(seed: number, lines: readonly Line[]): void {
  title = `seed ${seed}`;
  all.push(...lines);
}

// Outside a describe it is mocha's own last hook, whatever the files are.
after(() => process.stdout.write(`\n${title}\n\n${tableOf(all)}\n\n`));

/** A Markdown table for docs/reliability.md; kinds of one name are added up. */
function tableOf(lines: readonly Line[]): string {
  const names = [...new Set(lines.map((each) => each.name))];
  const row = (name: string, ofName: readonly Line[]) => {
    const sum = (key: "rounds" | "struck" | "looks" | "failures") =>
      ofName.reduce((total, each) => total + each[key], 0);
    return `| ${name} | ${sum("rounds")} | ${sum("struck")} | ${sum("looks")} | ${sum("failures")} |`;
  };
  return [
    "| fault | rounds | struck in the run | looks during it | failures |",
    "| --- | --- | --- | --- | --- |",
    ...names.map((name) =>
      row(
        name,
        lines.filter((each) => each.name === name),
      ),
    ),
    row("**all**", lines),
  ].join("\n");
}
