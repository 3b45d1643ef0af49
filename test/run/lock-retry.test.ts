import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import type { Client } from "pg";

import { parseConnectionUrl } from "../../engine/core/connection";
import { TidemarkError } from "../../engine/core/errors";
import type { MigrationEvent } from "../../engine/core/events";
import { sqlStateOf } from "../../engine/postgres/connection-error";
import { type Session, withSession } from "../../engine/postgres/session";
import { withLockRetries } from "../../engine/run/lock-retry";
import { backendsOf } from "../support/backends";
import { assertFails, failedRun, tablesOf, withScenario } from "../support/migrator";
import { type TestDatabase, withTestDatabase } from "../support/postgres";

/** Another session that reads the table, and does not end. */
async function hold(db: TestDatabase, table: string): Promise<{ holder: Client; pid: number }> {
  const holder = await db.connect();
  await holder.query("SET application_name = 'report'");
  await holder.query(`BEGIN; SELECT FROM ${table}`);
  const { rows } = await holder.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return { holder, pid: rows[0]?.pid ?? 0 };
}

const blockedEvents = (events: readonly MigrationEvent[]) =>
  events.filter((event) => event.kind === "blocked");

describe("run/lock-retry: who is in the way of a lock", () => {
  const files = { "V1__a.sql": "SELECT pg_sleep(0.5); ALTER TABLE busy ADD x int;" };

  it("is looked up while it is waited for, however late in the script that is", async () => {
    await withScenario(files, async ({ db, migrator, events }) => {
      await db.client.query("CREATE SCHEMA s; CREATE TABLE s.busy (id int)");
      const { holder, pid } = await hold(db, "s.busy");
      const options = { lockTimeout: 400, initSql: "SET search_path = public, s" };
      const { user } = parseConnectionUrl(db.url);
      const who = `pid ${pid} (${user}, `;
      const { error } = await failedRun(migrator(options).migrate(), {
        code: "ERROR",
        class: "temporary",
        sqlState: "55P03",
        message: /, tried 8 times; in the way: pid/,
      });
      assert.ok(error.message.includes(who), error.message);
      assert.match(error.message, /, \d+ s, application "report", idle in transaction\)$/);
      const blocked = blockedEvents(events);
      assert.ok(blocked.length >= 8, "once in each attempt");
      for (const { script, blockers } of blocked) {
        assert.equal(script, "V1__a.sql");
        assert.ok(blockers.startsWith(who), blockers);
      }
      await holder.query("ROLLBACK");
    });
  }).timeout(60_000);

  it("is emitted at once, and only once as long as it is the same, where the server's own limit holds", async () => {
    await withScenario(files, async ({ db, migrator, events }) => {
      await db.client.query("CREATE SCHEMA s; CREATE TABLE s.busy (id int)");
      const { holder, pid } = await hold(db, "s.busy");
      const options = { lockTimeout: 0, initSql: "SET search_path = public, s" };
      const run = migrator(options).migrate();
      while (blockedEvents(events).length === 0) await sleep(20);
      await sleep(3000);
      await holder.query("ROLLBACK");
      await run;
      const [first, ...others] = blockedEvents(events);
      assert.match(first?.blockers ?? "", new RegExp(`^pid ${pid} `));
      assert.ok((first?.waitedMs ?? -1) >= 0 && (first?.waitedMs ?? 0) < 5000);
      assert.deepEqual(others, []);
    });
  });

  it("is not looked up for a script that waits for nothing, and costs no connection if it is short", async () => {
    await withSessionOn(async (session, db, events) => {
      await withLockRetries(context(session, events), () => run(session, "SELECT pg_sleep(0.1)"));
      assert.equal(await backendsOf(db.client, "tidemark (watch)"), 0);
      await withLockRetries(context(session, events), () => run(session, "SELECT pg_sleep(1)"));
      assert.equal(await backendsOf(db.client, "tidemark (watch)"), 1);
      assert.deepEqual(events, []);
    });
  });

  it("is a prepared transaction, too, which has no session", async () => {
    await withSessionOn(async (session, db, events) => {
      const { rows } = await db.client.query<{ max: string }>(
        "SELECT current_setting('max_prepared_transactions') AS max",
      );
      if (rows[0]?.max === "0") return; // a server of TIDEMARK_TEST_URL that has none
      await db.client.query("CREATE TABLE t (id int)");
      await db.client.query("BEGIN; LOCK TABLE t; PREPARE TRANSACTION 'x'");
      const watched = { ...context(session, events), mayRetry: false };
      const failing = withLockRetries(watched, () =>
        run(session, "SET lock_timeout = 1000; LOCK TABLE t"),
      );
      try {
        await assertFails(failing, { ...LOCKED, message: /in the way: a prepared transaction/ });
      } finally {
        await db.client.query("ROLLBACK PREPARED 'x'"); // the database could not be dropped
      }
    });
  });
});

const LOCKED = { code: "ERROR", class: "temporary", sqlState: "55P03" } as const;

describe("run/lock-retry: a script that may not run twice", () => {
  it("is only watched: one attempt, and the error names who was in the way", async () => {
    await withSessionOn(async (session, db, events) => {
      await db.client.query("CREATE TABLE busy (id int)");
      const { holder, pid } = await hold(db, "busy");
      await session.runScript("SET lock_timeout = 1000");
      let attempts = 0;
      const failing = withLockRetries({ ...context(session, events), mayRetry: false }, () => {
        attempts++;
        return run(session, "BEGIN; CREATE TABLE made (id int); COMMIT; DROP TABLE busy");
      });
      const error = await assertFails(failing, LOCKED);
      assert.match(error.message, new RegExp(`; in the way: pid ${pid} \\(`));
      assert.doesNotMatch(error.message, /tried/);
      assert.equal(attempts, 1);
      assert.deepEqual(await tablesOf(db), ["public.busy", "public.made"]);
      await holder.query("ROLLBACK");
    });
  });

  it("that runs into its statement timeout while it waits: named, too, and not tried again", async () => {
    await withSessionOn(async (session, db, events) => {
      await db.client.query("CREATE TABLE busy (id int)");
      const { pid } = await hold(db, "busy");
      await session.runScript("SET statement_timeout = 1500");
      const failing = withLockRetries({ ...context(session, events), lockTimeout: 60_000 }, () =>
        run(session, "DROP TABLE busy"),
      );
      await assertFails(failing, {
        ...LOCKED,
        sqlState: "57014",
        message: new RegExp(`in the way: pid ${pid} \\(`),
      });
    });
  });
});

async function withSessionOn(
  work: (session: Session, db: TestDatabase, events: MigrationEvent[]) => Promise<void>,
): Promise<void> {
  const options = { applicationName: "tidemark", lockTimeout: 0, statementTimeout: 0 };
  await withTestDatabase((db) =>
    withSession(parseConnectionUrl(db.url), options, (session) => work(session, db, [])),
  );
}

function context({ backend }: Session, events: MigrationEvent[]) {
  const emit = (event: MigrationEvent) => void events.push(event);
  return { backend, lockTimeout: 1000, mayRetry: true, script: "V1__a.sql", emit };
}

/** Fails as a migration does. */
async function run(session: Session, sql: string): Promise<void> {
  try {
    await session.query(sql);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const sqlState = sqlStateOf(cause);
    const fields = { code: "ERROR", class: "temporary", remedy: "Wait.", message } as const;
    throw new TidemarkError({ ...fields, sqlState, cause });
  }
}
