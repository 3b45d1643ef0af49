import assert from "node:assert/strict";

import { parseConnectionUrl } from "../../engine/core/connection";
import {
  type Notice,
  qualified,
  ScriptError,
  type Session,
  type SessionOptions,
  withSession,
} from "../../engine/postgres/session";
import { assertFails } from "../support/migrator";
import { withTestDatabase } from "../support/postgres";

async function inSession(
  work: (session: Session) => Promise<void>,
  options: Partial<SessionOptions> = {},
): Promise<void> {
  await withTestDatabase(async ({ url }) => {
    const defaults = { applicationName: "tidemark", lockTimeout: 0, statementTimeout: 0 };
    await withSession(parseConnectionUrl(url), { ...defaults, ...options }, work);
  });
}

async function show(session: Session, name: string): Promise<string | undefined> {
  const [row] = await session.query<{ value: string }>("SELECT current_setting($1) AS value", [
    name,
  ]);
  return row?.value;
}

describe("postgres/session", () => {
  it("begins with what the URL's options say, and RESET goes back to it", async () => {
    await withTestDatabase(async ({ url }) => {
      const options = String.raw`-c search_path=a,\ "b\ c" --work-mem=8MB -capp.tag=x\\y -c lock_timeout=2s`;
      const connection = parseConnectionUrl(
        `jdbc:${url}${url.includes("?") ? "&" : "?"}options=${encodeURIComponent(options)}`,
      );
      const settings = { applicationName: "tidemark", lockTimeout: 0, statementTimeout: 0 };
      await withSession(connection, settings, async (session) => {
        const values = async (): Promise<(string | undefined)[]> => {
          const found = [];
          for (const name of ["search_path", "work_mem", "app.tag", "lock_timeout"])
            found.push(await show(session, name));
          return found;
        };
        const expected = ['a, "b c"', "8MB", String.raw`x\y`, "2s"];
        assert.deepEqual(await values(), expected);
        await session.query("SET work_mem = '16MB'");
        await session.query("RESET ALL");
        assert.deepEqual(await values(), expected);
      });
      // JDBC's currentSchema wins over a search_path in options, as with Flyway's driver.
      await withSession({ ...connection, searchPath: "c" }, settings, async (session) => {
        assert.equal(await show(session, "search_path"), "c");
      });
    });
  });

  it("fails with the name of a setting in options that the server does not know", async () => {
    await withTestDatabase(async ({ url }) => {
      const connection = { ...parseConnectionUrl(url), defaults: { nosuch: "1" } };
      const settings = { applicationName: "tidemark", lockTimeout: 0, statementTimeout: 0 };
      await assertFails(
        withSession(connection, settings, async () => undefined),
        {
          code: "DB_CONNECTION",
          class: "usage",
          message: /nosuch/,
          sqlState: "42704",
        },
      );
    });
  });

  it("shows its application name, and uses UTF-8", async () => {
    await inSession(
      async (session) => {
        assert.equal(await show(session, "application_name"), "my program");
        assert.equal(await show(session, "client_encoding"), "UTF8");
      },
      { applicationName: "my program" },
    );
  });

  it("sets the timeouts of lock and statement, and leaves the server's own without", async () => {
    await inSession(
      async (session) => {
        assert.equal(await show(session, "lock_timeout"), "1500ms");
        assert.equal(await show(session, "statement_timeout"), "2min");
      },
      { lockTimeout: 1500, statementTimeout: 120_000 },
    );
    await withTestDatabase(async (db) => {
      await db.client.query(`ALTER DATABASE ${db.name} SET lock_timeout = '7s'`);
      const options = { applicationName: "tidemark", lockTimeout: 0, statementTimeout: 0 };
      await withSession(parseConnectionUrl(db.url), options, async (session) => {
        assert.equal(await show(session, "lock_timeout"), "7s");
      });
    });
  });

  it("begins with the search_path of the URL", async () => {
    await withTestDatabase(async ({ url }) => {
      const connection = parseConnectionUrl(
        `${url}?search_path=${encodeURIComponent('"My \\ app", public')}`,
      );
      const options = { applicationName: "tidemark", lockTimeout: 0, statementTimeout: 0 };
      await withSession(connection, options, async (session) => {
        assert.equal(await show(session, "search_path"), '"My \\ app", public');
      });
    });
  });

  it("runs initSql once it is open; a wrong one is the caller's fault", async () => {
    const initSql = "SET work_mem = '5MB'; SET application_name = 'set by initSql'";
    await inSession(
      async (session) => {
        assert.equal(await show(session, "work_mem"), "5MB");
        assert.equal(await show(session, "application_name"), "set by initSql");
      },
      { initSql },
    );
    const wrong = inSession(async () => undefined, { initSql: "SET no_such_setting_ever = 1" });
    await assertFails(wrong, {
      code: "DB_CONNECTION",
      class: "usage",
      sqlState: "42704",
      message: /^initSql failed: /,
      remedy: /initSql/,
    });
  });

  it("hands on notices, with their severity", async () => {
    const notices: Notice[] = [];
    await inSession(
      async (session) => {
        await session.runScript(
          "DO $$ BEGIN RAISE NOTICE 'so % it is', 1; RAISE WARNING 'oh'; END $$",
        );
        await session.rollback();
      },
      { onNotice: (notice) => notices.push(notice) },
    );
    assert.deepEqual(notices, [
      { severity: "NOTICE", message: "so 1 it is" },
      { severity: "WARNING", message: "oh" },
    ]);
  });

  it("counts the statements of a script that completed before one failed", async () => {
    await inSession(async (session) => {
      assert.equal(
        await session.runScript("SELECT 1; SELECT generate_series(1, 1000); SET work_mem = '1MB'"),
        3,
      );
      const failing = session.runScript("SELECT 1;; SELECT 2; SELECT 1 / 0; SELECT 3");
      await assert.rejects(
        failing,
        (error) => error instanceof ScriptError && error.completed === 2,
      );
      assert.equal(await session.runScript("SELECT 1"), 1, "it goes on");
    });
  });

  it("copies to nowhere what COPY TO STDOUT prints, and refuses COPY FROM STDIN without data", async () => {
    await inSession(async (session) => {
      await session.runScript(
        "CREATE TABLE t (id int); INSERT INTO t VALUES (1); COPY t TO STDOUT",
      );
      await assert.rejects(session.runScript("COPY t FROM STDIN"), /no data follows/);
      assert.equal(await session.runScript("COPY t FROM STDIN", ["2\n", "", "3\n"]), 1);
      assert.deepEqual(await session.query("SELECT count(*)::int FROM t"), [{ count: 3 }]);
    });
  });

  it("writes any text as a literal that means just that text", async () => {
    await inSession(async (session) => {
      for (const text of ["", "it's", "a\\b", "\\'", "ü🐘\n$1 ${x} ?", null]) {
        const [row] = await session.query<{ text: string | null }>(
          `SELECT ${session.literal(text)}::text AS text`,
        );
        assert.equal(row?.text, text);
      }
    });
  });

  it("quotes names always", () => {
    assert.equal(qualified("My schema", 'a"b'), '"My schema"."a""b"');
  });

  it("is closed behind the work, also when that fails", async () => {
    await withTestDatabase(async (db) => {
      const options = { applicationName: "closed?", lockTimeout: 0, statementTimeout: 0 };
      const open = async () => {
        const sql =
          "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'closed?'";
        return (await db.client.query<{ n: number }>(sql)).rows[0]?.n;
      };
      const failing = withSession(parseConnectionUrl(db.url), options, async () => {
        assert.equal(await open(), 1);
        throw new Error("mine");
      });
      await assert.rejects(failing, /^Error: mine$/);
      while ((await open()) !== 0); // the server takes a moment to notice
    });
  });
});
