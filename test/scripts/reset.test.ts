/** `npm run reset`: what it refuses, and what it does to the databases of a real server. */
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { Client } from "pg";

import { testServer } from "../support/postgres";
import { REPOSITORY } from "../support/stack-project";

const RESET = join(REPOSITORY, "scripts", "reset.mjs");

interface Server {
  databases(): Promise<Map<string, string | null>>;
  rename(...pairs: string[][]): Promise<void>;
  create(name: string): Promise<unknown>;
  drop(name: string): Promise<unknown>;
}

interface Library {
  withServer<T>(config: unknown, work: (server: Server) => Promise<T>): Promise<T>;
  replace(server: Server, config: unknown): Promise<{ reason: string }>;
  cleanUp(server: Server, configs: unknown[]): Promise<string[]>;
  staleAmong(databases: Map<string, string>, now: number): string[];
  newName(database: string): string;
  oldName(database: string): string;
}

async function library(): Promise<Library> {
  const files = ["server", "replace", "names", "template"].map(
    (name) =>
      import(pathToFileURL(join(REPOSITORY, "scripts", "lib", "reset", `${name}.mjs`)).href),
  );
  return Object.assign({}, ...((await Promise.all(files)) as object[])) as Library;
}

const command = (...args: string[]) =>
  spawnSync(process.execPath, [RESET, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });

describe("npm run reset", function () {
  this.timeout(60_000);

  it("refuses where it cannot ask, and says how to answer", () => {
    const { status, stderr } = command("platform");
    assert.equal(status, 64);
    assert.match(stderr, /no terminal to ask on/);
    assert.match(stderr, /npm run reset -- platform --yes/);
  });

  it("refuses another stack than dev by its name", () => {
    const { status, stderr } = command("--stack", "staging", "platform", "--yes");
    assert.equal(status, 64);
    assert.match(stderr, /stack dev alone, not for staging/);
  });

  describe("on a server", () => {
    const database = `reset_${process.pid}`;
    let folder: string;
    let lib: Library;
    let config: Record<string, unknown>;
    const connect = async () => {
      const { host, port, user, password } = await testServer();
      const client = new Client({ host, port, user, password, database });
      client.on("error", () => undefined);
      await client.connect();
      return client;
    };
    const rows = async (sql: string) => {
      const client = await connect();
      try {
        return (await client.query<Record<string, unknown>>(sql)).rows;
      } finally {
        await client.end();
      }
    };
    const write = (name: string, sql: string) => writeFileSync(join(folder, name), sql);
    const run = <T>(work: (server: Server) => Promise<T>) => lib.withServer(config, work);
    const reset = () => run((server) => lib.replace(server, config));
    const leftOvers = () =>
      run(async (server) =>
        [...(await server.databases()).keys()].filter((name) =>
          /^tidemark_(new|old|build)/.test(name),
        ),
      );

    before(async () => {
      lib = await library();
      folder = mkdtempSync(join(tmpdir(), "tidemark-reset-"));
      const { host, port, user, password } = await testServer();
      const server = { host, port, user, password, sslmode: "disable" };
      config = { name: "shop", database, server, locations: [folder], options: {} };
      write("V1__a.sql", "CREATE TABLE a (id int);");
      await run((admin) => admin.create(database));
    });

    after(async () => {
      await run(async (server) => {
        for (const [name, comment] of await server.databases())
          if (name === database || comment?.startsWith("Tidemark's template of shop,"))
            await server.drop(name);
      });
      rmSync(folder, { recursive: true, force: true });
    });

    it("makes it anew and migrated, ends its sessions, and takes the template the next time", async () => {
      assert.match((await reset()).reason, /1 migration from a template made now/);
      const session = await connect();
      const ended = new Promise((resolve) => session.once("end", resolve));
      await session.query("INSERT INTO a VALUES (1)");
      assert.match((await reset()).reason, /1 migration from the template/);
      await ended;
      assert.deepEqual(await rows("SELECT id FROM a"), []);
      assert.deepEqual(await rows("SELECT version, success FROM flyway_schema_history"), [
        { version: "1", success: true },
      ]);
      assert.deepEqual(await leftOvers(), []);
    });

    it("leaves the old database as it was where a migration fails", async () => {
      await rows("INSERT INTO a VALUES (7)");
      write("V2__b.sql", "CREATE TABLE b (id int);\nSELECT 1 / 0;");
      await assert.rejects(reset(), /division by zero/);
      assert.deepEqual(await rows("SELECT id FROM a"), [{ id: 7 }]);
      const put = await run((server) => lib.cleanUp(server, [config]));
      assert.deepEqual(put, []);
      assert.deepEqual(await leftOvers(), []);
    });

    it("runs scripts that name their database in one of that name, and undoes a failure", async () => {
      write("V2__b.sql", `ALTER DATABASE ${database} SET work_mem = '5MB';\nSELECT 1 / 0;`);
      await assert.rejects(reset(), /division by zero/);
      assert.deepEqual(await rows("SELECT id FROM a"), [{ id: 7 }]);
      write("V2__b.sql", `ALTER DATABASE ${database} SET work_mem = '5MB';`);
      assert.match((await reset()).reason, /name their database/);
      assert.deepEqual(await rows("SHOW work_mem"), [{ work_mem: "5MB" }]);
      assert.deepEqual(await leftOvers(), []);
    });

    it("puts right what an interrupted run has left", async () => {
      await run(async (server) => {
        await server.create(lib.newName(database));
        await server.rename([database, lib.oldName(database)]);
        assert.equal((await lib.cleanUp(server, [config])).length, 1);
      });
      assert.deepEqual(await rows("SELECT version FROM flyway_schema_history ORDER BY 1"), [
        { version: "1" },
        { version: "2" },
      ]);
      await run(async (server) => {
        await server.create(lib.oldName(database));
        assert.equal((await lib.cleanUp(server, [config])).length, 1);
      });
      assert.deepEqual(await leftOvers(), []);
    });

    it("drops templates by age and number", () => {
      const now = Date.parse("2026-01-31T00:00:00Z");
      const name = (n: number) => `tidemark_template_${String(n).padStart(16, "0")}`;
      const used = (of: string, day: string) => `Tidemark's template of ${of}, last used ${day}`;
      const all = new Map([
        ["platform", ""],
        [name(1), used("a", "2026-01-30T00:00:00.000Z")],
        [name(2), used("a", "2026-01-29T00:00:00.000Z")],
        [name(3), used("a", "2026-01-28T00:00:00.000Z")],
        [name(4), used("a", "2026-01-27T00:00:00.000Z")],
        [name(5), used("b", "2026-01-10T00:00:00.000Z")],
        ["tidemark_building_0123456789abcdef", ""],
      ]);
      assert.deepEqual(lib.staleAmong(all, now), [
        "tidemark_building_0123456789abcdef",
        name(4),
        name(5),
      ]);
    });
  });
});
