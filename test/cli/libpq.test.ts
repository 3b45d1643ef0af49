import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";

import { tidemark } from "../support/cli";
import { withFolder } from "../support/folder";
import { passwordServer, withTestDatabase } from "../support/postgres";

const CANARY = "c@n/ry: %#é";
const FORMS = [CANARY, encodeURIComponent(CANARY), JSON.stringify(CANARY).slice(1, -1)];
const ASK = `CREATE TABLE seen AS SELECT current_setting('work_mem') AS work_mem,
  current_setting('application_name') AS name, current_setting('TimeZone') AS zone;`;

describe("the command and libpq's variables, on a server that asks for a password", function () {
  this.timeout(60_000);

  it("connects by them alone, with a password from the file, from a service, from PGPASSWORD", async () => {
    await withTestDatabase(async (db) => {
      const { name } = await db.createRole();
      await db.client.query(`ALTER ROLE ${name} PASSWORD '${CANARY}'`);
      await db.client.query(`GRANT CREATE ON SCHEMA public TO ${name}`);
      const { hostname, port } = new URL(db.url);
      const escaped = CANARY.replaceAll(":", String.raw`\:`);
      const files = {
        "V1__ask.sql": ASK,
        pgpass: `*:${port}:${db.name}:${name}:${escaped}\n`,
        "service.conf": `[here]\nhost=${hostname}\nport=${port}\ndbname=${db.name}\nuser=${name}\npassword=${CANARY}\n`,
      };
      await withFolder(files, async (folder) => {
        chmodSync(join(folder, "pgpass"), 0o600);
        const address = {
          HOME: folder,
          PGHOST: hostname,
          PGPORT: port,
          PGDATABASE: db.name,
          PGUSER: name,
        };
        const session = { PGOPTIONS: "-c work_mem=7MB", PGAPPNAME: "ci-17", PGTZ: "Asia/Tokyo" };
        const ways: readonly Record<string, string>[] = [
          { ...address, ...session, PGPASSFILE: join(folder, "pgpass") },
          { HOME: folder, PGSERVICEFILE: join(folder, "service.conf"), PGSERVICE: "here" },
          { ...address, PGPASSWORD: CANARY },
        ];
        for (const env of ways) {
          const { code, stdout, stderr } = await tidemark(["migrate", "--locations", folder], {
            env,
          });
          assert.equal(code, 0, stderr);
          for (const form of FORMS) assert.ok(!(stdout + stderr).includes(form));
        }
        const { rows } = await db.client.query("SELECT * FROM seen");
        assert.deepEqual(rows, [{ work_mem: "7MB", name: "tidemark (ci-17)", zone: "Asia/Tokyo" }]);
        chmodSync(join(folder, "pgpass"), 0o644);
        const open = await tidemark(["info"], { env: ways[0] });
        assert.equal(open.code, 64);
        assert.match(open.stderr, /Warning: The password file .*others may read it/);
        assert.match(open.stderr, /asks for a password/);
        const wrong = { ...address, PGPASSWORD: `${CANARY}x` };
        const refused = await tidemark(["info", "--json"], { env: wrong });
        assert.equal(refused.code, 64);
        for (const form of FORMS) assert.ok(!(refused.stdout + refused.stderr).includes(form));
      });
      await db.client.query(`DROP OWNED BY ${name}`);
    }, passwordServer());
  });

  it("leaves lint and new alone, whatever they are", async () => {
    await withFolder({ "m/V1__a.sql": "CREATE TABLE a (id int);" }, async (cwd) => {
      const env = { HOME: cwd, PGGSSENCMODE: "require", PGSERVICE: "nowhere", PGHOST: "h" };
      assert.equal((await tidemark(["lint", "m"], { env, cwd })).code, 0);
      const { code, report } = await tidemark(["info", "--json"], { env, cwd });
      assert.equal(code, 64);
      assert.match(report().error?.message ?? "", /PGGSSENCMODE/);
    });
  });
});
