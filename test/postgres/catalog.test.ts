import assert from "node:assert/strict";

import type { Client } from "pg";

import { compareCatalogs } from "../../engine/core/catalog";
import { isDriftOnly } from "../../engine/core/catalog/format";
import { kindOf, OBJECT_KINDS } from "../../engine/core/catalog/identity";
import { type CatalogScope, readCatalog } from "../../engine/postgres/catalog";
import { digestCatalog, fingerprint } from "../../engine/postgres/fingerprint";
import { type TestDatabase, withTestDatabase } from "../support/postgres";
import { everyKind, MANUAL_CHANGES, NO_CHANGES } from "./catalog-fixture";

const EVERYTHING: CatalogScope = { exclude: [] };

const read = (client: Client, scope: CatalogScope = EVERYTHING) => readCatalog(client, scope);
const fingerprintOf = async (client: Client, scope?: CatalogScope) =>
  fingerprint(await read(client, scope));

async function fingerprintOfSql(sql: string, scope?: CatalogScope): Promise<string> {
  return withTestDatabase(async ({ client }) => {
    await client.query(sql);
    return fingerprintOf(client, scope);
  });
}

describe("postgres/catalog: what is read", () => {
  it("every kind of object, each under a name that can be read back", async () => {
    await withTestDatabase(async (db) => {
      const role = await db.createRole();
      await db.client.query(everyKind(role.name));
      const identities = Object.keys(await read(db.client));
      assert.deepEqual(identities, [...identities].sort(), "in code unit order");
      const kinds = new Set(identities.map(kindOf));
      assert.ok(!kinds.has(undefined));
      // A base type needs functions in C; the other default privileges are read as those of tables are.
      const missing = OBJECT_KINDS.filter(
        (kind) => !kinds.has(kind) && !kind.startsWith("future") && !isDriftOnly(`${kind} a`),
      );
      assert.deepEqual(missing, ["base type"]);
    });
  });

  it("nothing but the schema public, its grant and plpgsql of a new database", async () => {
    await withTestDatabase(async ({ client }) => {
      assert.deepEqual(Object.keys(await read(client)), [
        "extension plpgsql",
        "grant to PUBLIC on schema public",
        "schema public",
      ]);
    });
  });

  it("no schema history: by shape, by name, with all that belongs to it", async () => {
    await withTestDatabase(async ({ client }) => {
      const before = await fingerprintOf(client);
      await client.query(`CREATE TABLE "Odd ' name" (id serial PRIMARY KEY, note text CHECK (note <> ''));
        CREATE INDEX odd ON "Odd ' name" (note); COMMENT ON TABLE "Odd ' name" IS 'x';
        GRANT SELECT ON "Odd ' name" TO PUBLIC; DROP SEQUENCE "Odd ' name_id_seq" CASCADE`);
      assert.notEqual(await fingerprintOf(client), before);
      const scope = { exclude: [{ schema: "public", table: "Odd ' name" }] };
      assert.equal(await fingerprintOf(client, scope), before);
    });
  });

  it("of chosen schemas only these, and the extensions in them", async () => {
    await withTestDatabase(async ({ client }) => {
      await client.query(`CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE b.t (id int);
        CREATE EXTENSION citext SCHEMA a; CREATE TABLE a.t (id a.citext UNIQUE REFERENCES a.t (id))`);
      const catalog = await read(client, { exclude: [], schemas: ["a", "no such"] });
      assert.deepEqual(Object.keys(catalog), [
        "column a.t.id",
        "constraint a.t.t_id_fkey",
        "constraint a.t.t_id_key",
        "extension citext",
        "schema a",
        "table a.t",
      ]);
    });
  });

  it("an index that is not valid", async () => {
    await withTestDatabase(async ({ client }) => {
      await client.query("CREATE TABLE t (id int); INSERT INTO t VALUES (1), (1)");
      await assert.rejects(client.query("CREATE UNIQUE INDEX CONCURRENTLY twice ON t (id)"));
      const catalog = await read(client);
      assert.match(catalog["index public.twice on public.t"] ?? "", / INVALID$/);
    });
  });
});

describe("postgres/catalog: how it is read", () => {
  let expected: string;
  const SETTINGS = `SET search_path = audit, public; SET quote_all_identifiers = on; SET TimeZone = 'Asia/Tokyo';
    SET DateStyle = 'German'; SET IntervalStyle = 'iso_8601'; SET standard_conforming_strings = off`;

  const withFixture = (work: (db: TestDatabase, role: string) => Promise<void>) =>
    withTestDatabase(async (db) => {
      const role = (await db.createRole()).name;
      await db.client.query(everyKind(role));
      expected = await fingerprintOf(db.client);
      await work(db, role);
    });

  it("the same by a role that may only connect", async () => {
    await withFixture(async (db) => {
      const reader = await db.connect(await db.createRole());
      assert.equal(await fingerprintOf(reader), expected);
    });
  });

  it("the same whatever the session's settings, which stay as they were", async () => {
    await withFixture(async ({ client }) => {
      await client.query(SETTINGS);
      const before = await settingsOf(client);
      assert.equal(await fingerprintOf(client), expected);
      assert.deepEqual(await settingsOf(client), before);
    });
  });

  it("the same within a transaction, which goes on with its settings", async () => {
    await withFixture(async ({ client }) => {
      await client.query(
        `BEGIN READ ONLY; SET LOCAL search_path = audit; SET TimeZone = 'Asia/Tokyo'`,
      );
      const before = await settingsOf(client);
      assert.equal(await fingerprintOf(client), expected);
      assert.deepEqual(await settingsOf(client), before);
      await client.query("COMMIT");
      const after = await settingsOf(client);
      assert.deepEqual([after.search_path, after.TimeZone], ['"$user", public', "Asia/Tokyo"]);
    });
  });

  it("with one query and no transaction left open", async () => {
    await withTestDatabase(async (db) => {
      const { client } = db;
      const queries: string[] = [];
      const counting = { query: (sql: string) => (queries.push(sql), client.query(sql)) };
      await readCatalog(counting, EVERYTHING);
      assert.equal(queries.length, 1);
      const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
      const sql = "SELECT state FROM pg_stat_activity WHERE pid = $1";
      const state = await (await db.connect()).query(sql, [(rows as { pid: number }[])[0]?.pid]);
      assert.deepEqual(state.rows, [{ state: "idle" }]);
    });
  });
});

async function settingsOf(client: Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    "SELECT name, current_setting(name) AS setting FROM pg_settings ORDER BY name",
  );
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
}

describe("postgres/catalog: drift", () => {
  it("names each manual change, and nothing else", async () => {
    await withTestDatabase(async (db) => {
      const role = (await db.createRole()).name;
      const { rows } = await db.client.query<{ me: string }>("SELECT current_user::text AS me");
      const fill = (text: string) =>
        text.replaceAll("{role}", role).replaceAll("{me}", rows[0]?.me ?? "");
      await db.client.query(everyKind(role));
      const recorded = digestCatalog(await read(db.client));
      for (const [change, ...expected] of MANUAL_CHANGES) {
        const drift = await driftAfter(db.client, recorded, fill(change));
        assert.deepEqual(drift, expected.map(fill), change);
      }
      for (const change of NO_CHANGES) {
        assert.deepEqual(await driftAfter(db.client, recorded, fill(change)), [], change);
      }
    });
  });

  async function driftAfter(client: Client, recorded: Record<string, string>, change: string) {
    await client.query("BEGIN");
    try {
      await client.query(change);
      const live = digestCatalog(await read(client));
      return compareCatalogs(recorded, live).map((drift) => `${drift.object} ${drift.change}`);
    } finally {
      await client.query("ROLLBACK");
    }
  }
});

describe("postgres/catalog: fingerprint", () => {
  const TABLES = [
    "CREATE TYPE state AS ENUM ('new', 'done')",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TABLE a (id int PRIMARY KEY, x text)",
    "CREATE TABLE b (id int, s state) WITH (fillfactor = 70, autovacuum_enabled = off)",
  ];
  const PARTS = [
    "ALTER TABLE b ADD CONSTRAINT b_a FOREIGN KEY (id) REFERENCES a",
    "CREATE INDEX a_x ON a (x)",
    "CREATE INDEX b_s ON b (s)",
    "GRANT SELECT ON a TO PUBLIC",
    "GRANT INSERT ON a TO PUBLIC",
  ];

  it("is the same of a schema made in another order", async () => {
    const reversed = [...TABLES].reverse().filter((sql) => !sql.includes("TYPE"));
    const other = [TABLES[0] ?? "", ...reversed, ...[...PARTS].reverse()];
    const [a, b] = [[...TABLES, ...PARTS].join(";"), other.join(";")];
    assert.equal(await fingerprintOfSql(a), await fingerprintOfSql(b));
  });

  it("is the same of a table that has lost columns, and of options set one by one", async () => {
    const detours = [
      "CREATE TYPE state AS ENUM ('new', 'done')",
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2'",
      "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      "CREATE TABLE a (old int, id int PRIMARY KEY, older int, x varchar(5))",
      "ALTER TABLE a DROP old, DROP older, ALTER x TYPE text",
      "CREATE TABLE b (id int, gone text, s state)",
      "ALTER TABLE b DROP gone; ALTER TABLE b SET (autovacuum_enabled = off)",
      "ALTER TABLE b SET (fillfactor = 70)",
      ...PARTS,
    ];
    const direct = [...TABLES, ...PARTS].join(";");
    assert.equal(await fingerprintOfSql(detours.join(";")), await fingerprintOfSql(direct));
  });

  // It is in the state of every stack: a change of it shows as drift once, everywhere. The same on PostgreSQL 13 to 18.
  it("of a certain schema does not change from one release to the next", async () => {
    const sql = `CREATE SCHEMA shop; SET search_path = shop; ${[...TABLES, ...PARTS].join(";")};
      CREATE VIEW v AS SELECT id, upper(x) AS up FROM a WHERE x LIKE 'a%';
      CREATE VIEW w AS SELECT a.id, b.s FROM a JOIN b USING (id);
      CREATE FUNCTION late(since timestamptz DEFAULT '2020-01-01 00:00+00') RETURNS bool LANGUAGE sql AS 'SELECT true';
      CREATE POLICY p ON a USING (x = current_user); COMMENT ON TABLE a IS 'first';
      CREATE TABLE c (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (id, at))
        PARTITION BY RANGE (at);
      CREATE TABLE c_2020 PARTITION OF c FOR VALUES FROM ('2020-01-01 00:00+00') TO ('2021-01-01 00:00+00')`;
    const scope = { exclude: [], schemas: ["shop"] };
    assert.equal(await fingerprintOfSql(sql, scope), "sha256:1bfc76177ee550c11bc91fabbe9bf46d");
  });
});
