import assert from "node:assert/strict";

import { ranksOf, withScenario } from "../support/migrator";

const FILES = {
  "V1__a.sql": "CREATE TABLE a (id int);",
  "V2__b.sql": "CREATE TABLE b (id int);",
  "V3__c.sql": "CREATE TABLE c (id int); VACUUM a; SELECT 1/0;",
};

describe("engine: the command repair", () => {
  it("takes failed rows away before it marks a missing migration, whose row gets the rank that is free", async () => {
    await withScenario(FILES, async ({ db, migrator, remove }) => {
      await assert.rejects(migrator({ mixed: true }).migrate());
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2", "3 SQL 3 failed"]);
      await remove("V2__b.sql");
      const { actions } = await migrator().repair();
      assert.deepEqual(
        actions.map(({ kind, applied }) => `${kind} ${applied.script}`),
        ["remove V3__c.sql", "markDeleted V2__b.sql"],
      );
      assert.deepEqual(await ranksOf(db), ["1 SQL 1", "2 SQL 2", "3 DELETE 2"]);
    });
  });
});
