import { TidemarkError } from "../engine/index";
import type { DesiredInputs } from "./types";

const DATABASE_ABSENT = "3D000";

/** Whether the server answered, and has no such database. */
export function isAbsent(error: unknown): boolean {
  return error instanceof TidemarkError && error.place.sqlState === DATABASE_ABSENT;
}

/**
 * What may be made where it is absent: a database that the stack has never seen, or one that is named to be made anew.
 * One that it has seen was dropped, or this is the wrong server: then empty databases would hide the loss.
 * @param isKnown whether the state has the database
 */
export function mayCreate(
  { createDatabase, recreate }: Pick<DesiredInputs, "createDatabase" | "recreate">,
  isKnown: boolean,
): boolean {
  return isKnown ? recreate === true : createDatabase || recreate === true;
}

/** @param version what the state has recorded; undefined: not known here */
export function vanished(
  { name, host, port, database }: DesiredInputs,
  version?: string | null,
): TidemarkError {
  const recorded = version === undefined ? "" : ` at version ${version ?? "none"}`;
  return new TidemarkError({
    code: "DB_CONNECTION",
    class: "usage",
    message: `The stack knows the database "${database}"${recorded}, and ${host}:${port} does not have it.`,
    remedy: `If this is the wrong server, correct tidemark:server; if it was dropped or renamed, restore it, or say what it is called now (databases.${name}.database). To have an empty one made and migrated: tidemark:recreate: [${name}].`,
    sqlState: DATABASE_ABSENT,
  });
}
