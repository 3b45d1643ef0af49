import type { Client } from "pg";

import type { Catalog } from "../../engine/core/catalog";
import { compareCatalogs } from "../../engine/core/catalog";
import { readCatalog } from "../../engine/postgres/catalog";
import { digestCatalog } from "../../engine/postgres/fingerprint";
import { currentServer, type TestDatabase, withTestDatabase } from "../support/postgres";
import { everything, SUBSCRIPTION } from "./fixture";

export interface DriftDatabase {
  readonly client: Client;
  /** Puts the names of roles and database in a text. */
  readonly fill: (text: string) => string;
  /** What drift calls a change, which is rolled back. */
  readonly driftAfter: (change: {
    readonly sql: string;
    readonly given?: string;
  }) => Promise<string[]>;
  readonly read: () => Promise<Catalog>;
}

/** @returns the live catalog with all that is drift */
export async function readAll(client: Client): Promise<Catalog> {
  const { rows } = await client.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  const operations = { serverVersion: rows[0]?.version ?? 0 };
  return readCatalog(client, { exclude: [], operations });
}

/** A database with an object of every kind on PostgreSQL 18. */
export async function withEverything(
  work: (database: DriftDatabase) => Promise<void>,
): Promise<void> {
  await withTestDatabase(async (db) => {
    const names = await namesOf(db);
    const fill = (text: string) =>
      text.replace(/\{(\w+)\}/g, (word, name: string) => names[name] ?? word);
    await db.client.query(everything(names.role ?? ""));
    const { client } = db;
    await client.query("SET allow_in_place_tablespaces = on");
    await client.query(fill("CREATE TABLESPACE {tablespace} LOCATION ''"));
    const read = () => readAll(client);
    let whole: Catalog | undefined;
    const driftAfter: DriftDatabase["driftAfter"] = async ({ sql, given }) => {
      await client.query("BEGIN");
      try {
        if (given !== undefined) await client.query(fill(given));
        whole ??= given === undefined ? await read() : undefined;
        const recorded = given === undefined && whole ? whole : await read();
        await client.query(fill(sql));
        const live = digestCatalog(await read());
        return compareCatalogs(digestCatalog(recorded), live).map(
          ({ object, change }) => `${object} ${change}`,
        );
      } finally {
        await client.query("ROLLBACK");
      }
    };
    try {
      await work({ client, fill, read, driftAfter });
    } finally {
      await client.query(fill("DROP TABLESPACE {tablespace}"));
    }
  }, currentServer());
}

async function namesOf(db: TestDatabase): Promise<Record<string, string>> {
  const { rows } = await db.client.query<{ me: string }>("SELECT current_user::text AS me");
  const { host, port, password } = await currentServer();
  return {
    role: (await db.createRole()).name,
    admin: (await db.createRole("SUPERUSER")).name,
    me: rows[0]?.me ?? "",
    ...{ host, port: String(port), password, database: db.name },
    tablespace: `space_${db.name}`,
    subscription: SUBSCRIPTION,
  };
}
