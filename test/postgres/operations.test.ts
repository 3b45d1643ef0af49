/** What is drift but no schema: how it is read, whoever reads it, and what of it is never shown. On each major. */
import assert from "node:assert/strict";

import type { Client } from "pg";

import { type Catalog, compareCatalogs } from "../../engine/core/catalog";
import { isDriftOnly } from "../../engine/core/catalog/format";
import { identityOf, kindOf, quoteName, subjectOf } from "../../engine/core/catalog/identity";
import { parseConnectionUrl } from "../../engine/core/connection";
import { DEFAULT_OPTIONS } from "../../engine/core/options";
import { Secrets } from "../../engine/index";
import { readCatalog } from "../../engine/postgres/catalog";
import { fingerprint } from "../../engine/postgres/fingerprint";
import { Migrator } from "../../engine/run/migrator";
import { packCatalog, unpackCatalog } from "../../provider/catalog-text";
import { readAll } from "../drift/database";
import { withScenario } from "../support/migrator";
import { majorOf, type TestDatabase, testServer, withTestDatabase } from "../support/postgres";
import { everyKind } from "./catalog-fixture";

const SECRET = "geheim-4711";

/** All of it that PostgreSQL 13 has, too; with names that have to be quoted, and secrets wherever there is room for one. */
const operated = (database: string, role: string) => `
  CREATE PUBLICATION "two ""odd"" names" FOR TABLE users, orders;
  CREATE PUBLICATION "of
line.a" FOR ALL TABLES WITH (publish = 'insert');
  CREATE USER MAPPING FOR ${role} SERVER far OPTIONS (user 'u', password '${SECRET}');
  CREATE SERVER cloud FOREIGN DATA WRAPPER nowhere OPTIONS (host 'h', api_key '${SECRET}', note 'a, b=${SECRET}');
  ALTER DATABASE ${database} SET app.key = '${SECRET}';
  ALTER ROLE ${role} SET app.token = '${SECRET}';
  ALTER ROLE ${role} IN DATABASE ${database} SET search_path = audit, "$user";
  COMMENT ON DATABASE ${database} IS 'two
lines';
  ALTER TABLE orders CLUSTER ON orders_pkey;
  CREATE SUBSCRIPTION reader CONNECTION 'host=nowhere password=${SECRET}' PUBLICATION p
    WITH (connect = false, slot_name = NONE, enabled = false)`;

async function withOperated(work: (db: TestDatabase, role: string) => Promise<void>) {
  await withTestDatabase(async (db) => {
    const { name: role } = await db.createRole();
    await db.client.query(everyKind(role));
    for (const sql of operated(db.name, role).split(/;\n/)) await db.client.query(sql);
    try {
      await work(db, role);
    } finally {
      await db.client.query("DROP SUBSCRIPTION reader"); // else the database cannot be dropped
    }
  });
}

async function driftAfter(client: Client, sql: string): Promise<string[]> {
  const recorded = await readAll(client);
  await client.query(sql);
  return compareCatalogs(recorded, await readAll(client)).map((d) => `${d.object} ${d.change}`);
}

describe("postgres/catalog: what is operated", () => {
  it("is outside the fingerprint; the rest is as it is without it, and every name can be read back", async () => {
    await withOperated(async ({ client }) => {
      const [schema, all] = [await readCatalog(client, { exclude: [] }), await readAll(client)];
      assert.equal(fingerprint(all), fingerprint(schema));
      const rest = Object.entries(all).filter(([identity]) => !isDriftOnly(identity));
      assert.deepEqual(Object.fromEntries(rest), schema);
      const unknown = Object.keys(all).filter((identity) => kindOf(identity) === undefined);
      assert.deepEqual(unknown, []);
    });
  });

  it("has these names and texts", async () => {
    await withOperated(async ({ client }, role) => {
      const all = await readAll(client);
      const odd = identityOf({ kind: "publication", path: ["of\nline.a"] });
      const texts: Catalog = {
        'publication "two ""odd"" names"':
          "publish insert, update, delete, truncate\ntable public.orders\ntable public.users",
        [odd]: "publish insert\nall tables",
        [`user mapping of ${role} on far`]: "mapping",
        [`database role setting search_path of ${role}`]: 'audit, "$user"',
        "comment on the database": "two\nlines",
        "clustered index of table public.orders": "orders_pkey",
        "version of extension plpgsql": "1.0",
      };
      for (const [identity, text] of Object.entries(texts))
        assert.equal(all[identity] ?? "", text, identity);
      assert.match(all["subscription reader"] ?? "", /^to p disabled slot none/);
      assert.equal(subjectOf(`owner of ${odd}`), odd);
    });
  });

  it("is the same for a role that may only connect", async () => {
    await withOperated(async (db) => {
      const reader = await db.connect(await db.createRole());
      assert.deepEqual(await readAll(reader), await readAll(db.client));
    });
  });

  it("shows no secret: neither of settings, subscriptions and mappings, nor of options in the state", async () => {
    await withOperated(async ({ client, name }, role) => {
      const all = await readAll(client);
      const kept = unpackCatalog(packCatalog(all, Secrets.none)) ?? {};
      assert.ok(!JSON.stringify(kept).includes(SECRET));
      assert.equal(
        kept["server cloud"],
        "nowhere type version options api_key=…, host=h, note=…, b=…",
      );
      const operatedOnly = Object.entries(all).filter(([identity]) => isDriftOnly(identity));
      assert.ok(!JSON.stringify(operatedOnly).includes(SECRET));
      assert.match(all["database setting app.key"] ?? "", /^value not shown, hash [0-9a-f]{4}$/);
      assert.notEqual(all["database setting app.key"], all[`role setting app.token of ${role}`]);
      const drift = await driftAfter(client, `ALTER DATABASE ${name} SET app.key = 'another'`);
      assert.deepEqual(drift, ["database setting app.key changed"]);
    });
  });

  it("names an owner that is odd, that is dropped, and that is there no more", async () => {
    await withOperated(async ({ client }) => {
      const odd = 'app" on\nthe';
      const quoted = `"${odd.replaceAll('"', '""')}"`;
      await client.query(`CREATE ROLE ${quoted}`);
      try {
        assert.deepEqual(await driftAfter(client, `ALTER TABLE orders OWNER TO ${quoted}`), [
          "owner of table public.orders changed",
        ]);
        assert.equal((await readAll(client))["owner of table public.orders"], odd);
        assert.deepEqual(await driftAfter(client, `ALTER ROLE ${quoted} SET work_mem = '5MB'`), [
          `role setting work_mem of ${quoteName(odd)} added`,
        ]);
        await client.query("ALTER TABLE orders OWNER TO CURRENT_USER");
      } finally {
        const drift = await driftAfter(client, `DROP ROLE ${quoted}`);
        assert.deepEqual(drift, [`role setting work_mem of ${quoteName(odd)} removed`]);
      }
      await client.query("UPDATE pg_class SET relowner = 99999 WHERE relname = 'orders'");
      assert.match((await readAll(client))["owner of table public.orders"] ?? "", /99999/);
      await client.query("UPDATE pg_class SET relowner = 10 WHERE relname = 'orders'");
    });
  });

  it("is left out, with a warning, where a catalog may not be read: then the schema alone is compared", async () => {
    const files = { "V1__a.sql": "CREATE TABLE a (id int);" };
    await withScenario(files, async ({ db, migrator, events }) => {
      await migrator().migrate();
      const { url } = await db.createRole();
      await db.client.query("GRANT SELECT ON flyway_schema_history TO PUBLIC");
      const before = await migrator({ url }).observe();
      assert.equal(before.catalogFormat, 2);
      assert.ok("owner of table public.a" in before.catalog);
      await db.client.query("REVOKE SELECT ON pg_db_role_setting FROM PUBLIC");
      const after = await migrator({ url }).observe();
      assert.equal(after.catalogFormat, 1);
      assert.match(
        after.unread ?? "",
        /not compared: permission denied for \w+ pg_db_role_setting/,
      );
      assert.ok(!("owner of table public.a" in after.catalog));
      assert.equal(after.summary.fingerprint, before.summary.fingerprint);
      const warning = events.find((event) => event.kind === "notice");
      assert.match(JSON.stringify(warning), /WARNING.*not compared: permission denied/);
    });
  });

  it("is left out likewise where a role's name is of another database's encoding", async () => {
    await withTestDatabase(async (db) => {
      const [role, name] = ["ユー_role", `${db.name}_eucjp`];
      await db.client.query(`CREATE ROLE "${role}"`);
      try {
        await db.client.query(`ALTER ROLE "${role}" SET work_mem = '5MB'`);
        await db.client.query(
          `CREATE DATABASE ${name} ENCODING 'EUC_JP' LOCALE 'C' TEMPLATE template0`,
        );
        const connection = parseConnectionUrl(db.url.replace(/[^/]*$/, name));
        const { catalogFormat, catalog } = await new Migrator({
          connection,
          options: DEFAULT_OPTIONS,
        }).observe();
        assert.equal(catalogFormat, 1);
        assert.ok("schema public" in catalog);
      } finally {
        await db.client.query(`DROP DATABASE IF EXISTS ${name}`);
        await db.client.query(`DROP ROLE "${role}"`);
      }
    });
  });

  it("needs no newer catalog than the server has", async () => {
    const major = await majorOf(testServer());
    await withOperated(async ({ client }) => {
      const all = await readAll(client);
      const mode = major >= 14 ? "present" : "absent";
      assert.equal("owner of subscription reader" in all ? "present" : "absent", mode);
    });
  });
});
