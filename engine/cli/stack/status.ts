/** How one database of a stack stands: live, or as the stack remembers it. */
import { asFailure, type Problem } from "../../core/errors";
import { failureMessages, failureText } from "../../core/failure-text";
import { parseIgnorePatterns } from "../../core/ignore-patterns";
import { failedRows, mergeInfos, pendingInfos } from "../../core/info";
import type { AppliedMigration } from "../../core/migration";
import { validateInfos } from "../../core/validate";
import type { StackDatabase } from "./deployment";
import type { loadProvider } from "./provider";

type Provider = Awaited<ReturnType<typeof loadProvider>>;

export interface DatabaseStatus {
  readonly name: string;
  readonly knowledge: "live" | "remembered";
  readonly schemaVersion: string | null;
  /** How many migrations an update would apply; null: the files cannot be read. */
  readonly pending: number | null;
  /** Scripts of failed rows. */
  readonly failed: readonly string[];
  /** What differs from what the last update recorded, in words. */
  readonly drift: readonly string[];
  /** When a migration was last applied, in the server's time; where it was not asked, when the stack last wrote. */
  readonly lastRun: string | null;
  /** What stops a migrate, other than failed rows. */
  readonly problems: readonly Pick<Problem, "message" | "remedy">[];
  /** Why it was not asked. */
  readonly why?: string;
}

/** Never throws: what cannot be asked is remembered, and says why. */
export async function statusOf(
  database: StackDatabase,
  stack: string,
  provider: Provider,
): Promise<DatabaseStatus> {
  const { name, recorded } = database;
  if (!provider.isReachable(recorded)) return remembered(database, provider, "reach none");
  try {
    return await liveStatus(database, stack, provider);
  } catch (error) {
    const text = failureText(error, provider.secretsOf(recorded), { stack, database: name });
    return remembered(database, provider, failureMessages(text).join(" ").split("\n", 1)[0]);
  }
}

async function liveStatus(
  { name, recorded }: StackDatabase,
  stack: string,
  provider: Provider,
): Promise<DatabaseStatus> {
  const migrator = provider.migratorOf(recorded);
  const observation = await migrator.observe();
  const { applied } = observation.snapshot;
  const { pending, problems } = await comparedWithFiles(
    { name, recorded },
    { stack, applied },
    provider,
  );
  return {
    name,
    knowledge: "live",
    schemaVersion: observation.summary.schemaVersion,
    pending,
    failed: failedRows(applied).map((row) => row.script),
    drift: driftOf(recorded, observation, provider),
    lastRun: applied.map((row) => row.installedOn).reduce(later, "") || null,
    problems,
  };
}

/** The one place that compares state and database. */
function driftOf(
  recorded: StackDatabase["recorded"],
  observation: Parameters<Provider["recordedOf"]>[0],
  { recordedOf, refreshed, secretsOf }: Provider,
): readonly string[] {
  return refreshed(recorded, recordedOf(observation, secretsOf(recorded))).driftFound;
}

const later = (a: string, b: string): string => (a > b ? a : b);

type Compared = Pick<DatabaseStatus, "pending" | "problems">;

async function comparedWithFiles(
  { name, recorded }: StackDatabase,
  { stack, applied }: { readonly stack: string; readonly applied: readonly AppliedMigration[] },
  provider: Provider,
): Promise<Compared> {
  if (recorded.locations.length === 0) return { pending: 0, problems: [] };
  const options = provider.optionsOf(recorded);
  const target = { stack, database: name };
  try {
    const { migrations } = await provider.migratorOf(recorded).resolve();
    const infos = mergeInfos(migrations, applied, options);
    const patterns = parseIgnorePatterns([...options.ignoreMigrationPatterns, "*:pending"]);
    const isFailed = (problem: Problem): boolean => problem.code.startsWith("FAILED_");
    const found = validateInfos(infos, patterns).filter((problem) => !isFailed(problem));
    const problems = found.map(({ message, remedy }) => ({ message, remedy }));
    return { pending: pendingInfos(infos).length, problems };
  } catch (error) {
    const { message, remedy, problems } = failureText(
      asFailure(error),
      provider.secretsOf(recorded),
      target,
    );
    return { pending: null, problems: problems.length > 0 ? problems : [{ message, remedy }] };
  }
}

/** What the last update recorded; pending is what files have come or changed since. */
async function remembered(
  { name, recorded, modified }: StackDatabase,
  provider: Provider,
  why: string | undefined,
): Promise<DatabaseStatus> {
  const { migrationKey, migratorOf } = provider;
  const known = recorded.migrations ?? {};
  const pending =
    recorded.locations.length === 0
      ? 0
      : await migratorOf(recorded)
          .resolve()
          .then(
            ({ migrations }) =>
              migrations.filter((file) => known[migrationKey(file)] !== file.checksum).length,
          )
          .catch(() => null);
  return {
    name,
    knowledge: "remembered",
    schemaVersion: recorded.schemaVersion ?? null,
    pending,
    failed: Object.values(recorded.history ?? {})
      .filter((row) => row.endsWith(" failed"))
      .map((row) => row.split(" ")[1] ?? row),
    drift: recorded.driftFound ?? [],
    lastRun: modified ?? null,
    problems: [],
    ...(why !== undefined && { why }),
  };
}
