import { escapeIdentifier } from "pg";

import type { EngineOptions } from "../core/options";
import type { DatabaseSnapshot } from "../core/snapshot";
import type { Session } from "../postgres/session";

/** Each migration starts with the role and search_path of the connection, the default schema in front. */
export async function restoreStatements(
  session: Session,
  snapshot: DatabaseSnapshot,
): Promise<string[]> {
  const [row] = await session.query<{ path: string; role: string; reset: boolean }>(
    "SELECT pg_catalog.current_setting('search_path') AS path, current_user AS role, current_user = session_user AS reset",
  );
  const path = row?.path ?? "";
  const schema = escapeIdentifier(snapshot.defaultSchema);
  const begins =
    path === schema ||
    path === snapshot.defaultSchema ||
    path.startsWith(`${schema},`) ||
    path.startsWith(`${snapshot.defaultSchema},`);
  const wanted = begins ? path : path.trim() === "" || path === '""' ? schema : `${schema},${path}`;
  const role = row?.reset ? "RESET ROLE" : `SET ROLE ${escapeIdentifier(row?.role ?? "")}`;
  return [role, `SET search_path TO ${wanted}`];
}

/**
 * Each migration begins with the configured limits, whatever the one before has set. A statement outside a transaction
 * gets no lock limit: CREATE INDEX CONCURRENTLY would count its wait for old transactions, and leave an INVALID index.
 */
export function timeoutStatements(
  { lockTimeout, statementTimeout }: EngineOptions,
  inTransaction: boolean,
): string[] {
  return [
    ...(lockTimeout > 0
      ? [`SET lock_timeout = ${inTransaction ? Math.round(lockTimeout) : 0}`]
      : []),
    ...(statementTimeout > 0 ? [`SET statement_timeout = ${Math.round(statementTimeout)}`] : []),
  ];
}
