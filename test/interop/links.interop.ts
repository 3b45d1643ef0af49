/** Links among the migrations, which Flyway follows. */
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { historyOf } from "../support/migrator";
import { assertAgreement, differences, startFlyway, stopFlyway, withTwins } from "./both";
import { table } from "./table";

describe("Flyway and we, among links", () => {
  before(startFlyway);
  after(stopFlyway);

  it("find the same files behind links, name them alike and apply them", () =>
    withTwins({ "V1__a.sql": table("a"), ".hidden/V4__d.sql": table("d") }, async (twins) => {
      const [ours, theirs] = twins;
      const { folder } = ours;
      const outside = join(folder, "..", "outside");
      mkdirSync(join(outside, "deep"), { recursive: true });
      writeFileSync(join(outside, "V2__b.sql"), table("b"));
      writeFileSync(join(outside, "deep", "V3__c.sql"), table("c"));
      symlinkSync("../outside", join(folder, "shared"));
      symlinkSync("../outside", join(folder, ".closed"));
      symlinkSync(".hidden", join(folder, "open"));
      symlinkSync("../outside/V2__b.sql", join(folder, "V5__again.txt"));
      await assertAgreement(ours, {});
      assert.equal((await ours.tidemark("migrate")).exitCode, 0);
      assert.equal((await theirs.flyway("migrate")).exit, "ok");
      const [one, other] = await Promise.all(twins.map(({ db }) => historyOf(db)));
      assert.deepEqual(one, other);
      assert.deepEqual(
        one?.map(({ script }) => script),
        ["V1__a.sql", "shared/V2__b.sql", "shared/deep/V3__c.sql", "open/V4__d.sql"],
      );
      for (const project of twins) await assertAgreement(project, {});
    }));

  it("find them once where a location is a link to another", () =>
    withTwins({ "m/V1__a.sql": table("a") }, async ([project]) => {
      symlinkSync("m", join(project.folder, "link"));
      const config = { locations: ["link", "m"] };
      const answer = await project.flyway("info", config);
      assert.deepEqual(differences(answer, await project.tidemark("info", config)), []);
    }));
});
