import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { parseConnectionUrl } from "../../engine/core/connection";
import { type Session, withSession } from "../../engine/postgres/session";
import { Proxy } from "../faults/proxy";
import { backendsOf, waitForBackend } from "../support/backends";
import { tidemark } from "../support/cli";
import { failedRun, ranksOf, tablesOf, withScenario } from "../support/migrator";
import { type TestDatabase, withTestDatabase } from "../support/postgres";

/** TCP asks after a second; the other side may be silent for three. */
const HASTY = "?keepalives_idle=1&tcp_user_timeout=3000";

type Through = (proxy: Proxy, url: string) => Promise<void>;

async function throughProxy(db: TestDatabase, work: Through): Promise<void> {
  const url = new URL(db.url);
  const proxy = await Proxy.open({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  try {
    await work(proxy, url.href + HASTY);
  } finally {
    await proxy.close();
  }
}

/** 40 MB: more than the buffers of proxy and system take. */
const LARGE_COPY = [
  "CREATE TABLE t (id int, text text);\nCOPY t FROM STDIN;\n",
  `1\t${"x".repeat(200)}\n`.repeat(200_000),
  "\\.\n",
].join("");

describe("postgres/connection-watch: a network that goes silent", () => {
  it("while a statement runs: exit 75 and the reason, in seconds, and nothing is kept", async () => {
    await withTestDatabase(async (db) => {
      const folder = await mkdtemp(join(tmpdir(), "tidemark-silent-"));
      await writeFile(join(folder, "V1__a.sql"), "CREATE TABLE a (); SELECT pg_sleep(600);");
      await throughProxy(db, async (proxy, url) => {
        const run = tidemark(["migrate", "--url", url, "--locations", folder]);
        await waitForBackend(db.client, "%pg_sleep(600)%");
        const start = Date.now();
        proxy.silence("all");
        const { code, stderr } = await run;
        assert.equal(code, 75, stderr);
        assert.match(stderr, /The connection was lost: .* is silent: no answer for \d+ s/);
        assert.ok(Date.now() - start < 20_000);
      });
      assert.deepEqual(await tablesOf(db), []);
      await rm(folder, { recursive: true });
    });
  });

  const files = { "V1__a.sql": "CREATE TABLE a (id int);", "V2__copy.sql": LARGE_COPY };
  it("while a COPY sends its data: the same, and what was applied before is reported", async () => {
    await withScenario(files, async ({ db, migrator }) => {
      await throughProxy(db, async (proxy, url) => {
        proxy.when("up", 2_000_000, () => proxy.silence("all"));
        const { applied } = await failedRun(migrator({ url }).migrate(), {
          code: "DB_CONNECTION",
          class: "temporary",
          message: /V2__copy\.sql.*The connection was lost: .* is silent/,
          remedy: /Run again/,
        });
        assert.deepEqual(applied, ["V1__a.sql"]);
      });
      assert.deepEqual(await ranksOf(db), ["1 SQL 1"]);
    });
  });
});

describe("postgres/connection-watch: a load balancer that forgets one flow, and takes new ones", () => {
  it("in the middle of a COPY: given up, and the server's session, with its locks, is ended", async () => {
    const files = { "V1__copy.sql": LARGE_COPY };
    await withScenario(files, async ({ db, migrator }) => {
      await throughProxy(db, async (proxy, url) => {
        proxy.when("up", 2_000_000, () => proxy.silence("existing"));
        await failedRun(migrator({ url }).migrate(), {
          code: "DB_CONNECTION",
          class: "temporary",
          message: /The connection was lost: .* waits for data that has been sent to it/,
        });
        while ((await backendsOf(db.client, "tidemark")) > 0) await sleep(20);
      });
      assert.equal((await migrator({ lockWait: 0 }).migrate()).to, "1", "the next run completes");
    });
  });

  it("before the answer of a statement: given up when the server waits for the next one", async () => {
    await inSession(async (session, proxy, db) => {
      await session.query("SELECT 1");
      const running = session.query("SELECT pg_sleep(1)");
      await waitForBackend(db.client, "SELECT pg_sleep(1)");
      proxy.silence("existing");
      await assert.rejects(running, /waits for the next statement/);
      while ((await backendsOf(db.client, "tidemark")) > 0) await sleep(20); // it has been ended
    });
  });

  it("and ends the server's session: given up when it is gone", async () => {
    await inSession(async (session, proxy, db) => {
      const running = session.query("SELECT pg_sleep(600)");
      const pid = await waitForBackend(db.client, "SELECT pg_sleep(600)");
      proxy.silence("existing");
      await db.client.query("SELECT pg_terminate_backend($1)", [pid]);
      await assert.rejects(running, /has no such session any more/);
    });
  });

  it("between two statements: the next one fails, and so does each after it", async () => {
    await inSession(async (session, proxy) => {
      await session.query("SELECT 1");
      proxy.silence("existing");
      await assert.rejects(session.query("SELECT 2"), /^ConnectionLost: The connection was lost/);
      await assert.rejects(session.query("SELECT 3"), /^ConnectionLost: The connection was lost/);
    });
  });
});

describe("postgres/connection-watch: a statement that only takes long", () => {
  it("goes on for many looks, whether it computes or waits for a lock", async () => {
    await inSession(async (session, _, db) => {
      assert.deepEqual(await session.query("SELECT pg_sleep(4)::text AS x"), [{ x: "" }]);
      const holder = await db.connect();
      await holder.query("SELECT pg_advisory_lock(42)");
      const waiting = session.query("SELECT pg_advisory_lock(42)");
      await sleep(4000);
      await holder.query("SELECT pg_advisory_unlock(42)");
      await waiting;
    });
  });

  it("goes on where no second connection can be had", async () => {
    await withTestDatabase(async (db) => {
      const role = await db.createRole("CONNECTION LIMIT 1");
      const connection = parseConnectionUrl(role.url + HASTY);
      await withSession(connection, OPTIONS, async (session) => {
        await session.query("SELECT pg_sleep(4)");
      });
    });
  });

  it("leaves no second connection behind", async () => {
    await withTestDatabase(async (db) => {
      await withSession(parseConnectionUrl(db.url + HASTY), OPTIONS, async (session) => {
        await session.query("SELECT pg_sleep(3)");
        assert.equal(await backendsOf(db.client, "tidemark (watch)"), 1);
      });
      while ((await backendsOf(db.client, "tidemark (watch)")) > 0) await sleep(20);
    });
  });
});

const OPTIONS = { applicationName: "tidemark", lockTimeout: 0, statementTimeout: 0 };

async function inSession(
  work: (session: Session, proxy: Proxy, db: TestDatabase) => Promise<void>,
): Promise<void> {
  await withTestDatabase((db) =>
    throughProxy(db, (proxy, url) =>
      withSession(parseConnectionUrl(url), OPTIONS, (session) => work(session, proxy, db)),
    ),
  );
}
