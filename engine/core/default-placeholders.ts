import type { DatabaseSnapshot } from "./snapshot";

/** What the placeholders under `flyway:` depend on. */
export type PlaceholderSource = Pick<
  DatabaseSnapshot,
  "defaultSchema" | "database" | "user" | "table"
>;

/** Flyway's own placeholders; `filename` is each script's. */
export function defaultPlaceholders(
  source: PlaceholderSource,
  now: Date,
  workingDirectory: string,
): Record<string, string> {
  const two = (n: number): string => String(n).padStart(2, "0");
  const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return {
    defaultSchema: source.defaultSchema,
    database: source.database,
    user: source.user,
    timestamp: `${date} ${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`,
    workingDirectory,
    table: source.table,
    environment: "default",
  };
}
