import { CATALOG_FORMAT } from "../core/catalog";
import type { EventSink } from "../core/events";
import type { DatabaseSnapshot } from "../core/snapshot";
import { summarize } from "../core/summary";
import { type CatalogScope, readCatalog } from "../postgres/catalog";
import { fingerprint } from "../postgres/fingerprint";
import type { Session } from "../postgres/session";
import type { Observation } from "./migrator-types";

const SCHEMA_ALONE = 1;

/**
 * A privilege was revoked; the name of a role is of another database's encoding (roles are the server's); or a release
 * of PostgreSQL to come has other catalogs.
 */
const UNREADABLE: ReadonlySet<unknown> = new Set([
  ...["42501", "22021", "22P05"],
  ...["42703", "42P01", "42883"],
]);

/**
 * Reads the live catalog, with what is drift only. Where that cannot be read, the schema alone, with a warning.
 */
export async function observationOf(
  { backend, client }: Session,
  snapshot: DatabaseSnapshot,
  emit: EventSink,
): Promise<Observation> {
  const exclude = [{ schema: snapshot.defaultSchema, table: snapshot.table }];
  const observe = async (scope: CatalogScope, catalogFormat: number): Promise<Observation> => {
    const catalog = await backend.during(() => readCatalog(client, scope));
    return { snapshot, catalog, catalogFormat, summary: summarize(snapshot, fingerprint(catalog)) };
  };
  const operations = { serverVersion: snapshot.serverVersion };
  try {
    return await observe({ exclude, operations }, CATALOG_FORMAT);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    const unread = `owners, publications and settings are not compared: ${error.message}`;
    emit({ kind: "notice", severity: "WARNING", message: unread });
    return { ...(await observe({ exclude }, SCHEMA_ALONE)), unread };
  }
}

const isUnreadable = (error: unknown): error is Error =>
  error instanceof Error && UNREADABLE.has((error as { code?: unknown }).code);
