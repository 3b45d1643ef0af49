// Markdown tables of results, with the goal of each and whether it is reached.
import { median, medianRatio } from "./statistics.mjs";

const HEADING = ["work", "who", "median", "range", "ratio", "goal", "reached"];

export function markdownTable(rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const cells = rows.map((row) => HEADING.map((column) => row[column] ?? ""));
  return [line(HEADING), line(HEADING.map(() => "---")), ...cells.map(line)].join("\n");
}

/** Our own row: `goal` is a limit in the unit of the values. */
export function ownRow(work, who, values, { goal, unit = milliseconds, better = "at most" } = {}) {
  const middle = median(values);
  return {
    work,
    who,
    median: `**${unit(middle)}**`,
    range: range(values, unit),
    ...(goal !== undefined && verdict(middle, goal, unit, better)),
  };
}

/** The row of another, with ours divided by theirs; `goal` is the highest ratio. */
export function otherRow(work, who, values, ours, { goal, unit = milliseconds } = {}) {
  const ratio = medianRatio(ours, values);
  return {
    work,
    who,
    median: unit(median(values)),
    range: range(values, unit),
    ratio: ratio.toFixed(2),
    ...(goal !== undefined && verdict(ratio, goal, (value) => value.toFixed(2), "at most")),
  };
}

/**
 * Rows of one work for all entrants: ours first, which `results` begins with, then the others, installed or not.
 * `goal` is our limit, `limits` the highest ratio beside others, by the first word of their name.
 */
export function comparisonRows(work, entrants, results, { goal, limits = {} }) {
  const [ours] = results;
  return entrants.map(({ name, absent }) => {
    if (absent) return absentRow(work, name);
    if (name === ours.name) return ownRow(work, name, ours.wall, { goal });
    const { wall } = results.find((result) => result.name === name);
    return otherRow(work, name, wall, ours.wall, { goal: limits[name.split(" ")[0]] });
  });
}

export const absentRow = (work, who, why = "not installed") => ({ work, who, median: why });

function verdict(value, goal, unit, better) {
  return { goal: `${better} ${unit(goal)}`, reached: value <= goal ? "yes" : "**no**" };
}

const range = (values, unit) => `${unit(Math.min(...values))} – ${unit(Math.max(...values))}`;

export function milliseconds(value) {
  return value < 1000 ? `${value.toFixed(0)} ms` : `${(value / 1000).toFixed(2)} s`;
}

export const megabytes = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
