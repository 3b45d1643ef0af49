// The one PostgreSQL server that everyone is measured on, and its databases.
import { rmSync } from "node:fs";
import { purgeServer, startServer } from "../../scripts/lib/postgres-server.mjs";
import { tell } from "./tell.mjs";

/** Runs `work` with a server of its own in `home`, which is removed at the end; one that an interrupted run left, before. */
export async function withServer(home, work) {
  await purgeServer({ home });
  const server = new Server(await startServer({ home, log: tell }));
  try {
    await work(server);
  } finally {
    await purgeServer({ home });
    rmSync(home, { recursive: true, force: true });
  }
}

class Server {
  constructor(connection) {
    Object.assign(this, connection);
  }

  /** `postgresql://…` with the credentials. */
  url(database, scheme = "postgresql") {
    return `${scheme}://${this.user}:${this.password}@${this.host}:${this.port}/${database}`;
  }

  /** Flyway's variables, which are ours too. */
  flyway(database) {
    return {
      FLYWAY_URL: `jdbc:postgresql://${this.host}:${this.port}/${database}`,
      FLYWAY_USER: this.user,
      FLYWAY_PASSWORD: this.password,
    };
  }

  /** libpq's variables. */
  libpq(database) {
    return {
      PGHOST: this.host,
      PGPORT: String(this.port),
      PGUSER: this.user,
      PGPASSWORD: this.password,
      PGDATABASE: database,
    };
  }

  async version() {
    const [{ server_version: version }] = await this.query("SHOW server_version");
    return version;
  }

  /** An empty database of this name, whatever was there before; what went before is written out, so that nobody pays for it. */
  async fresh(database) {
    await this.drop(database);
    await this.query(`CREATE DATABASE "${database}"`);
    await this.settle();
  }

  /** A database with all that another has. */
  async copy(from, database) {
    await this.drop(database);
    await this.query(`CREATE DATABASE "${database}" TEMPLATE "${from}"`);
  }

  async drop(database) {
    await this.query(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
  }

  /** The rest of the work before: statistics and dirty pages. */
  async settle() {
    await this.query("CHECKPOINT");
  }

  async query(sql, database = "postgres") {
    const { default: pg } = await import("pg"); // a dependency: there only after the set-up
    const { host, port, user, password } = this;
    const client = new pg.Client({ host, port, user, password, database });
    try {
      await client.connect();
      return (await client.query(sql)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  }
}
