import { TidemarkError } from "../core/errors";
import type { Migrator } from "./migrator";
import type { MigrateResult } from "./migrator-types";

/**
 * What every runner of a stack does: migrate, then make sure that history and files agree. That a migration is still
 * pending is no problem: a target may hold it back.
 * @throws TidemarkError (VALIDATE_ERROR) with every other problem.
 */
export async function migrateAndValidate(migrator: Migrator): Promise<MigrateResult> {
  const result = await migrator.migrate();
  const { problems } = await migrator.validate();
  const serious = problems.filter((p) => !p.code.startsWith("RESOLVED_"));
  const [first] = serious;
  if (first)
    throw new TidemarkError({ ...first, code: "VALIDATE_ERROR", class: "migrations" }, serious);
  return result;
}
