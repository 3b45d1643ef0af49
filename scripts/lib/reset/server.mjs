// What a reset asks of the server: databases, sessions, names. As the server's own user, through database "postgres".
import { connectionOf } from "../dev-config.mjs";

/** Runs `work` with a connection to the maintenance database of that database's server. */
export async function withServer(config, work) {
  const { default: pg } = await import("pg"); // a dependency: there only after the set-up
  const { host, port, user, password } = connectionOf(config);
  const open = async () => {
    const client = new pg.Client({
      ...{ host, port, user, password, database: "postgres" },
      application_name: "tidemark reset",
    });
    client.on("error", () => {}); // the query that meets it says it
    await client.connect();
    return client;
  };
  const clients = [await open()];
  try {
    return await work(
      new Server(clients[0], async () => {
        const client = await open();
        clients.push(client);
        return client;
      }),
    );
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => {})));
  }
}

class Server {
  #client;
  #open;

  constructor(client, open) {
    this.#client = client;
    this.#open = open;
  }

  async rows(sql, parameters) {
    return (await this.#client.query(sql, parameters)).rows;
  }

  run(sql) {
    return this.#client.query(sql);
  }

  /** `{ name: comment }` of all databases. */
  async databases() {
    const rows = await this.rows(
      "SELECT datname AS name, shobj_description(oid, 'pg_database') AS comment FROM pg_database",
    );
    return new Map(rows.map(({ name, comment }) => [name, comment]));
  }

  /** The other sessions on a database: `[{ pid, application, user, state }]`. */
  sessions(database) {
    return this.rows(
      `SELECT pid, application_name AS application, usename AS "user", coalesce(state, '') AS state
       FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()
         AND backend_type = 'client backend' ORDER BY pid`,
      [database],
    );
  }

  async sizeOf(database) {
    const [row] = await this.rows(
      "SELECT pg_size_pretty(pg_database_size(datname)) AS size FROM pg_database WHERE datname = $1",
      [database],
    );
    return row?.size;
  }

  create(name, template) {
    return this.run(
      `CREATE DATABASE ${quote(name)}${template ? ` TEMPLATE ${quote(template)}` : ""}`,
    );
  }

  drop(name) {
    return this.run(`DROP DATABASE IF EXISTS ${quote(name)} WITH (FORCE)`);
  }

  comment(name, text) {
    return this.run(`COMMENT ON DATABASE ${quote(name)} IS '${text.replaceAll("'", "''")}'`);
  }

  /**
   * Renames databases in one transaction, and ends the sessions on the first. The rename holds the database's lock while
   * it waits for the sessions to go, and who connects anew waits for that lock: nobody can come in between.
   */
  async rename(...pairs) {
    const client = await this.#open();
    const [[first]] = pairs;
    await client.query("BEGIN");
    await client.query("SET LOCAL lock_timeout = '10s'");
    const renamed = (async () => {
      for (const [from, to] of pairs)
        await client.query(`ALTER DATABASE ${quote(from)} RENAME TO ${quote(to)}`);
      await client.query("COMMIT");
    })();
    const state = { done: false };
    const end = () => (state.done = true);
    renamed.then(end, end);
    while (!state.done) {
      await this.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> $2",
        [first, client.processID],
      );
      await Promise.race([renamed.catch(() => {}), new Promise((go) => setTimeout(go, 50))]);
    }
    await renamed;
  }
}

export const quote = (name) => `"${name.replaceAll('"', '""')}"`;
