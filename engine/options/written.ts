import type { Row } from "./row";

/** A value as a person writes it; "" where there is none. */
export function written(row: Row, value: unknown): string {
  if (value === undefined) return "";
  if (row.kind === "duration") return `${Number(value) / 1000}s`;
  return typeof value === "string" ? value : JSON.stringify(value);
}
