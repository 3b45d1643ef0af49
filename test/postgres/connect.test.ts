import { createServer, type Server } from "node:net";

import { type Connection, parseConnectionUrl } from "../../engine/core/connection";
import { connect } from "../../engine/postgres/connect";
import { assertFails, type ExpectedFailure, withScenario } from "../support/migrator";
import { withTestDatabase } from "../support/postgres";
import { assertWithoutSecret, SECRET } from "../support/secrets";

const OPTIONS = { applicationName: "tidemark-test", connectTimeout: 5000 };

async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as { port: number }).port;
}

async function assertNoConnection(
  connection: Connection,
  expected: ExpectedFailure,
): Promise<void> {
  const error = await assertFails(connect(connection, OPTIONS), expected);
  assertWithoutSecret(error);
}

describe("postgres/connect: a connection that cannot be made", () => {
  it("to a port where nothing listens is temporary", async () => {
    const connection = parseConnectionUrl(`postgresql://me@127.0.0.1:${await closedPort()}/app`);
    await assertNoConnection(
      { ...connection, password: SECRET },
      {
        code: "DB_CONNECTION",
        class: "temporary",
        message: /^Cannot reach 127\.0\.0\.1:\d+: nothing listens there\.$/,
        remedy: /Check host and port/,
      },
    );
  });

  it("to a host that nobody knows is temporary", async () => {
    const connection = parseConnectionUrl("postgresql://me@no-such-host.invalid/app");
    await assertNoConnection(
      { ...connection, password: SECRET },
      {
        code: "DB_CONNECTION",
        class: "temporary",
        message:
          /^Cannot reach no-such-host\.invalid:5432: the host name (is unknown|cannot be looked up now)\.$/,
        remedy: /Check host and port/,
      },
    );
  });

  const answers = { temporary: "", usage: "HTTP/1.1 400 Bad Request\r\n\r\n" } as const;
  for (const [errorClass, answer] of Object.entries(answers)) {
    it(`to something that ${answer ? "is no PostgreSQL" : "hangs up"} is ${errorClass}`, async () => {
      const server = createServer((socket) => socket.end(answer));
      const port = await listen(server);
      try {
        const connection = parseConnectionUrl(`postgresql://me@127.0.0.1:${port}/app`);
        await assertNoConnection(
          { ...connection, password: SECRET },
          { code: "DB_CONNECTION", class: errorClass as keyof typeof answers },
        );
      } finally {
        server.close();
      }
    });
  }

  it("to something that never answers ends with the connect timeout", async () => {
    const server = createServer();
    const port = await listen(server);
    server.on("connection", (socket) => socket.unref());
    try {
      const connection = parseConnectionUrl(
        `postgresql://me@127.0.0.1:${port}/app?sslmode=disable`,
      );
      const failing = connect(
        { ...connection, password: SECRET },
        { ...OPTIONS, connectTimeout: 100 },
      );
      const error = await assertFails(failing, { code: "DB_CONNECTION", class: "temporary" });
      assertWithoutSecret(error);
    } finally {
      server.close();
    }
  });

  it("to a database that does not exist says so, and offers to make it", async () => {
    await withTestDatabase(async (db) => {
      const connection = { ...parseConnectionUrl(db.url), database: "no such database" };
      const error = await assertFails(connect(connection, OPTIONS), {
        code: "DB_CONNECTION",
        class: "usage",
        sqlState: "3D000",
        message: /^The database "no such database" does not exist on .*:\d+\.$/,
        remedy: /createDatabase: true/,
      });
      if (connection.password) assertWithoutSecret(error, connection.password);
    });
  });

  it("without the right to connect says what to grant", async () => {
    await withTestDatabase(async (db) => {
      await db.client.query(`REVOKE CONNECT ON DATABASE ${db.name} FROM PUBLIC`);
      const role = await db.createRole();
      await assertFails(connect(parseConnectionUrl(role.url), OPTIONS), {
        code: "DB_CONNECTION",
        class: "usage",
        sqlState: "42501",
        remedy: new RegExp(`GRANT CONNECT ON DATABASE "${db.name}" TO "${role.name}"`),
      });
    });
  });

  it("with TLS that the server does not have, where it is required; it hangs up then", async () => {
    const server = createServer();
    const hungUp = new Promise<void>((resolve) => {
      server.on("connection", (socket) => {
        socket.once("data", () => socket.write("N")); // the protocol's way to say: no TLS here
        socket.on("close", () => resolve());
        socket.on("error", () => undefined);
      });
    });
    const port = await listen(server);
    try {
      const connection = parseConnectionUrl(
        `postgresql://me@127.0.0.1:${port}/app?sslmode=require`,
      );
      await assertNoConnection(
        { ...connection, password: SECRET },
        {
          code: "DB_CONNECTION",
          class: "usage",
          message: /^No TLS connection/,
          remedy: /sslmode/,
        },
      );
      await hungUp;
    } finally {
      server.close();
    }
  });
});

describe("postgres/connect: a failure to connect, in a migrate", () => {
  it("is the same error, and nothing of the secret is in it", async () => {
    await withScenario({ "V1__a.sql": "SELECT 1;" }, async ({ migrator }) => {
      const url = `postgresql://me:${encodeURIComponent(SECRET)}@127.0.0.1:${await closedPort()}/app`;
      const error = await assertFails(migrator({ url }).migrate(), {
        code: "DB_CONNECTION",
        class: "temporary",
      });
      assertWithoutSecret(error);
    });
  });
});
