import { defaultPlaceholders, type PlaceholderSource } from "../core/default-placeholders";
import { TidemarkError } from "../core/errors";
import type { EventSink } from "../core/events";
import { type IgnorePattern, ignoresAll } from "../core/ignore-patterns";
import { advisoryLockKey } from "../core/lock-key";
import type { EngineOptions } from "../core/options";
import { placeholderValues } from "../core/placeholders";
import type { DatabaseSnapshot } from "../core/snapshot";
import type { ResolvedFiles, resolveMigrations } from "../files/resolver";
import type { Session } from "../postgres/session";
import { readSnapshot } from "../postgres/snapshot";
import { Callbacks } from "./callbacks";
import type { InfoResult } from "./migrator-types";
import { Scripts } from "./scripts";
import { SessionBaseline } from "./session-baseline";

/** What a command works with: the database as it is, the files as they are, and how the session began. */
export interface Workspace {
  readonly snapshot: DatabaseSnapshot;
  readonly files: ResolvedFiles;
  readonly placeholders: ReadonlyMap<string, string>;
  /** Read before the first script runs. */
  readonly baseline: () => Promise<SessionBaseline>;
  readonly scripts: Scripts;
  readonly callbacks: Callbacks;
}

interface WorkspaceOptions {
  readonly options: EngineOptions;
  readonly emit: EventSink;
  readonly resolve: typeof resolveMigrations;
}

export async function openWorkspace(
  session: Session,
  { options, emit, resolve }: WorkspaceOptions,
): Promise<Workspace> {
  const snapshot = await readSnapshot(session, options);
  const { serverVersion, defaultSchema } = snapshot;
  const placeholders = placeholdersOf(options, snapshot, session.startedAt);
  const files = await resolve(options, placeholders);
  const baseline = once(() => SessionBaseline.capture(session, defaultSchema));
  const source = { options, placeholders, serverVersion };
  const warn = (message: string): void => emit({ kind: "warning", message });
  const lockKey = advisoryLockKey(defaultSchema, snapshot.table);
  const callbacks = new Callbacks(files.callbacks, { ...source, session, baseline, lockKey, warn });
  return { snapshot, files, placeholders, baseline, scripts: new Scripts(source), callbacks };
}

export function placeholdersOf(
  { placeholders, placeholderSeparator }: EngineOptions,
  database: PlaceholderSource,
  now: Date,
): Map<string, string> {
  return placeholderValues(
    placeholders,
    defaultPlaceholders(database, now, process.cwd()),
    placeholderSeparator,
  );
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= work());
}

export function lacksSchema({ missingSchemas, defaultSchema }: DatabaseSnapshot): boolean {
  return missingSchemas.includes(defaultSchema);
}

/**
 * Without the default schema nothing is compared.
 * @throws TidemarkError (SCHEMA_DOES_NOT_EXIST) where there are migrations for it.
 */
export function nothingThere(
  { snapshot, files }: Workspace,
  patterns: readonly IgnorePattern[],
): InfoResult {
  if (files.migrations.length === 0 || ignoresAll(patterns, "pending"))
    return { snapshot, schemaVersion: null, infos: [], warnings: files.warnings };
  throw new TidemarkError({
    code: "SCHEMA_DOES_NOT_EXIST",
    class: "migrations",
    message: `The schema "${snapshot.defaultSchema}" does not exist.`,
    remedy: "Run migrate, which makes it, or correct the schemas.",
  });
}
