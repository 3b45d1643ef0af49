/** What every fault is followed by: the next run. */
import assert from "node:assert/strict";

import type { Client } from "pg";

import { parseConnectionUrl } from "../../engine/core/connection";
import { TidemarkError } from "../../engine/core/errors";
import { DEFAULT_OPTIONS } from "../../engine/core/options";
import { Migrator } from "../../engine/run/migrator";
import type { TestDatabase } from "../support/postgres";
import { recoveryProblems } from "./model";
import type { Project } from "./project";
import { assertNone, readState } from "./state";

interface Struck {
  readonly db: TestDatabase;
  readonly project: Project;
  readonly folder: string;
}

/** The next run completes (after repair where a failed row says so), and one more has nothing to do. */
export async function recover({ db, project, folder }: Struck, client: Client): Promise<void> {
  const { group } = project;
  const options = { ...DEFAULT_OPTIONS, locations: [folder], group };
  const migrator = new Migrator({ connection: parseConnectionUrl(db.url), options });
  const before = await readState(client);
  if (before.history?.some((row) => !row.success)) {
    const refusal = await migrator.migrate().catch((error: unknown) => error);
    assert.ok(
      refusal instanceof TidemarkError && refusal.code === "VALIDATE_ERROR",
      String(refusal),
    );
    assert.match(refusal.remedy, /repair/);
    await migrator.repair();
  }
  await migrator.migrate();
  assertNone(recoveryProblems(project, before, await readState(client)));
  assert.deepEqual((await migrator.migrate()).applied, []);
  assert.deepEqual((await migrator.validate()).problems, []);
}
