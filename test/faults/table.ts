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

/** Prints a Markdown table for docs/reliability.md; kinds of one name are added up. */
export function printTable(title: string, lines: readonly Line[]): void {
  const names = [...new Set(lines.map((each) => each.name))];
  const rows = [...names, "all"].map((name) => {
    const ofName = lines.filter((each) => name === "all" || each.name === name);
    const sum = (key: "rounds" | "struck" | "looks" | "failures") =>
      ofName.reduce((total, each) => total + each[key], 0);
    return `| ${name} | ${sum("rounds")} | ${sum("struck")} | ${sum("looks")} | ${sum("failures")} |`;
  });
  const head =
    "| fault | rounds | struck in the run | looks | failures |\n| --- | --- | --- | --- | --- |";
  process.stdout.write(`\n${title}\n\n${head}\n${rows.join("\n")}\n\n`);
}
