import { storedDescription } from "../core/migration";
import type { RepairAction } from "../core/repair";
import type { DatabaseSnapshot } from "../core/snapshot";
import { insertRowSql, nextRank } from "../postgres/schema-history";
import { qualified, type Session } from "../postgres/session";
import { serverFailure } from "../postgres/sql-failure";

/** Carries out the actions of a repair in one transaction: history rows only. */
export async function executeRepair(
  session: Session,
  snapshot: DatabaseSnapshot,
  actions: readonly RepairAction[],
  installedBy: string | undefined,
): Promise<void> {
  if (actions.length === 0) return;
  const history = { schema: snapshot.defaultSchema, table: snapshot.table };
  const name = qualified(history.schema, history.table);
  const removed = new Set(actions.flatMap((a) => (a.kind === "remove" ? [a.applied] : [])));
  let rank = nextRank(snapshot.applied.filter((row) => !removed.has(row)));
  const statements = actions.map((action) => {
    const { applied } = action;
    switch (action.kind) {
      case "remove":
        return `DELETE FROM ${name} WHERE installed_rank = ${applied.installedRank}`;
      case "markDeleted": {
        const row = {
          ...applied,
          version: applied.version?.text ?? null,
          type: "DELETE",
          installedBy,
        } as const;
        return insertRowSql(session, history, row, rank++, 0);
      }
      case "align": {
        const { resolved } = action;
        return `UPDATE ${name} SET description = ${session.literal(storedDescription(resolved.description))}, type = ${session.literal(resolved.type)}, checksum = ${resolved.checksum} WHERE installed_rank = ${applied.installedRank}`;
      }
    }
  });
  try {
    await session.runScript(["BEGIN", ...statements, "COMMIT"].join(";\n"));
  } catch (error) {
    await session.rollback();
    throw serverFailure(error, `The schema history ${name} cannot be repaired`);
  }
}
