/** A real network whose packets are dropped: the client in a network namespace whose cable is pulled. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

import { backendsOf, waitForBackend } from "../support/backends";
import {
  hasNetworkNamespaces,
  type NetworkNamespace,
  withNetworkNamespace,
} from "../support/network-namespace";
import { type TestDatabase, type TestServer, withTestDatabase } from "../support/postgres";

type Running = TestServer & { readonly dataDirectory: string };
interface Library {
  readonly startServer: (options: { home: string }) => Promise<Running>;
  readonly stopServer: (options: { home: string }) => Promise<boolean>;
  readonly purgeServer: (options: { home: string }) => Promise<void>;
}

// Compiled, this file lies in bin/test/postgres.
const LIBRARY = pathToFileURL(resolve(__dirname, "../../../scripts/lib/postgres-server.mjs")).href;
const COMMAND = resolve(__dirname, "../../engine/cli/main.js");

/** Milliseconds until all that was sent is acknowledged: only then TCP begins to count for its keep-alive. */
const QUIET = 500;

if (hasNetworkNamespaces()) silentNetwork();
else process.stdout.write("silent network: left out here, since network namespaces need root\n");

function silentNetwork(): void {
  describe("engine: a network whose packets are dropped (network namespace)", () => {
    let home = "";
    let library: Library;
    let server: Promise<Running>;

    before(async function () {
      this.timeout(120_000);
      home = mkdtempSync(join(tmpdir(), "tidemark-network-"));
      chmodSync(home, 0o755); // the server runs as another user, who has to get in
      mkdirSync(join(home, "migrations"));
      writeFileSync(
        join(home, "migrations", "V1__a.sql"),
        "CREATE TABLE a (); SELECT pg_sleep(600);",
      );
      library = (await import(LIBRARY)) as Library;
      server = listenToAll(library, join(home, "server"));
      await server;
    });

    after(async () => {
      await library.purgeServer({ home: join(home, "server") });
      rmSync(home, { recursive: true });
    });

    /** A migrate from the other machine, struck in the middle of a statement. */
    async function unplugged(
      parameters: string,
      pause: number,
      then: (run: Run, db: TestDatabase) => Promise<void>,
    ): Promise<void> {
      await withNetworkNamespace((namespace) =>
        withTestDatabase(async (db) => {
          const url = new URL(db.url);
          url.hostname = namespace.hostAddress;
          const run = new Run(namespace, `${url.href}?${parameters}`, join(home, "migrations"));
          await waitForBackend(db.client, "%pg_sleep(600)%");
          await sleep(pause);
          namespace.unplug();
          await then(run, db).finally(run.kill);
        }, server),
      );
    }

    it("TCP's keep-alive alone notices it while a statement runs: exit 75 and the reason", async function () {
      this.timeout(60_000);
      await unplugged("keepalives_idle=1&tcp_user_timeout=600000", QUIET, async (run) => {
        assert.equal(await run.code, 75, run.stderr);
        assert.match(run.stderr, /The connection to .* was lost: (no answer in time|no route)/);
      });
    });

    it("with data under way, which TCP would send again and again: a second connection gets no answer either", async function () {
      this.timeout(60_000);
      await unplugged("keepalives_idle=2&tcp_user_timeout=3000", 0, async (run) => {
        assert.equal(await run.code, 75, run.stderr);
        assert.match(run.stderr, /The connection was lost: .* is silent: no answer for \d+ s/);
      });
    });

    it("the server notices that the client is gone, and gives its locks back", async function () {
      this.timeout(60_000);
      await unplugged("keepalives_idle=1&tcp_user_timeout=5000", QUIET, async (run, db) => {
        run.kill();
        await run.code;
        while ((await backendsOf(db.client, "tidemark")) > 0) await sleep(100);
      });
    });
  });
}

class Run {
  stderr = "";
  readonly code: Promise<number | null>;
  readonly kill: () => void;

  constructor({ prefix }: NetworkNamespace, url: string, folder: string) {
    const [program = "", ...args] = prefix;
    const command = [process.execPath, COMMAND, "migrate", "--url", url, "--locations", folder];
    const child = spawn(program, [...args, ...command], { stdio: ["ignore", "ignore", "pipe"] });
    child.stderr.on("data", (data: Buffer) => (this.stderr += data.toString()));
    this.code = once(child, "close").then(([code]) => code as number | null);
    this.kill = () => void child.kill("SIGKILL");
  }
}

/** A server that other machines reach, too. */
async function listenToAll(library: Library, home: string): Promise<Running> {
  const { dataDirectory } = await library.startServer({ home });
  await library.stopServer({ home });
  appendFileSync(join(dataDirectory, "pg_hba.conf"), "host all all 10.213.0.0/16 scram-sha-256\n");
  appendFileSync(join(dataDirectory, "postgresql.auto.conf"), "listen_addresses = '*'\n");
  // DROP DATABASE waits for whoever logs in, also on a network that is gone.
  appendFileSync(join(dataDirectory, "postgresql.auto.conf"), "authentication_timeout = 3\n");
  return library.startServer({ home });
}
