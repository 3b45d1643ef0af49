/** The real PgBouncer before the test server, where it is installed. */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { testServer } from "./postgres";

export interface PoolSettings {
  readonly pool_mode: "session" | "transaction" | "statement";
  readonly default_pool_size?: number;
  readonly server_round_robin?: 0 | 1;
  readonly ignore_startup_parameters?: string;
}

export const hasPgBouncer = (): boolean =>
  spawnSync("pgbouncer", ["--version"], { stdio: "ignore" }).status === 0;

/** Runs `work` with the port of a PgBouncer for all databases of the test server. */
export async function withPgBouncer(
  settings: PoolSettings,
  work: (port: number) => Promise<void>,
): Promise<void> {
  const { host, port: serverPort, user, password } = await testServer();
  const folder = mkdtempSync(join(tmpdir(), "tidemark-pgbouncer-"));
  const port = await freePort();
  const all = { listen_addr: "127.0.0.1", listen_port: port, unix_socket_dir: "", ...settings };
  const lines = Object.entries({ ...all, auth_type: "any" }).map((pair) => pair.join(" = "));
  const file = join(folder, "pgbouncer.ini");
  const secret = password === "" ? "" : ` password=${password}`;
  const server = `host=${host} port=${serverPort} user=${user}${secret}`;
  writeFileSync(file, ["[databases]", `* = ${server}`, "[pgbouncer]", ...lines, ""].join("\n"));
  for (const [path, mode] of [[folder, 0o755] as const, [file, 0o644] as const])
    chmodSync(path, mode); // it does not run as root
  const asUser = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const child = spawn("pgbouncer", ["-q", ...asUser, file], { stdio: "ignore" });
  try {
    while (!(await answers(port))) await sleep(20);
    await work(port);
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}
