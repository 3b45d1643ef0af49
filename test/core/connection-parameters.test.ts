/** Parameters of a connection, in a URL and by libpq's names. */
import assert from "node:assert/strict";

import {
  completeConnection,
  connectionParameters,
  describeConnection,
  parseConnectionUrl,
  readConnectionUrl,
} from "../../engine/core/connection";
import { failureOf } from "../support/migrations";

const refuse = (what: string, remedy: string) => new Error(`${what} | ${remedy}`);
const read = (...entries: [string, string][]) => connectionParameters(entries, refuse);

describe("core/connection: parameters of a URL", () => {
  const cases: [string, ReturnType<typeof readConnectionUrl>][] = [
    ["postgresql:///?host=h&port=7&dbname=d", { host: "h", port: 7, database: "d" }],
    ["postgresql://x:6/y?host=h&port=7&dbname=d", { host: "h", port: 7, database: "d" }],
    ["postgresql://h", { host: "h" }],
    ["postgresql://:7/", { port: 7 }],
    ["postgresql://", {}],
    ["postgresql://h/?service=s", { host: "h", service: "s" }],
    ["postgresql://h/d?user", { host: "h", database: "d", user: "" }],
    ["postgresql://h/d?password=a=b", { host: "h", database: "d", password: "a=b" }],
    [
      "postgresql://h/d?user=a&&password=b&",
      { host: "h", database: "d", user: "a", password: "b" },
    ],
    ["postgresql://@h/d", { host: "h", database: "d", user: "" }],
    ["postgresql://h/d?ssl=true", { host: "h", database: "d", sslmode: "require" }],
    ["jdbc:postgresql://h/d?ssl=true", { host: "h", database: "d", sslmode: "verify-full" }],
    ["jdbc:postgresql://h/d?ssl=false", { host: "h", database: "d" }],
    [
      "jdbc:postgresql://h/d?sslmode=require&ssl=true",
      { host: "h", database: "d", sslmode: "require" },
    ],
    [
      "jdbc:postgresql://h/d?connectTimeout=3&ApplicationName=a+b",
      { host: "h", database: "d", connectTimeout: 3000, applicationName: "a+b" },
    ],
    ["postgresql://h/d?connect_timeout=0", { host: "h", database: "d", connectTimeout: undefined }],
    [
      "postgresql://h/d?keepalives_idle=30&tcp_user_timeout=0",
      { host: "h", database: "d", keepalivesIdle: 30, tcpUserTimeout: undefined },
    ],
  ];
  for (const [url, expected] of cases) {
    it(`are read: ${url}`, () => assert.deepEqual(readConnectionUrl(url), expected));
  }

  for (const port of ["0", "65536", "123456", "7x", "x7", "-1", "1.5", ""]) {
    it(`refuse the port ${JSON.stringify(port)}`, () => {
      const error = failureOf(() => readConnectionUrl(`postgresql://h/d?port=${port}`));
      assert.deepEqual([error.code, error.class], ["CONFIGURATION", "usage"]);
      assert.match(error.message, /port is not a number from 1 to 65535/);
    });
  }

  it("take the first and the last port", () => {
    for (const port of [1, 65535]) {
      assert.equal(readConnectionUrl(`postgresql://h:${port}/d`).port, port);
    }
    assert.match(failureOf(() => readConnectionUrl("postgresql://h:0/d")).remedy, /percent-encode/);
  });

  it("refuse a scheme that does not stand at the beginning", () => {
    assert.match(failureOf(() => readConnectionUrl("x postgresql://h/d")).message, /begin with/);
  });

  it("refuse a service where nothing can read it", () => {
    const error = failureOf(() => parseConnectionUrl("postgresql://h/d?service=s"));
    assert.match(error.message, /service is not read here/);
    assert.match(error.remedy, /host, port and database/);
  });

  it("list the words that sslmode may be, and what is supported", () => {
    const remedyOf = (query: string) =>
      failureOf(() => parseConnectionUrl(`postgresql://h/d?${query}`)).remedy;
    assert.match(remedyOf("sslmode=x"), /disable, allow, prefer, require, verify-ca, verify-full/);
    assert.match(remedyOf("odd=x"), /^Supported: user, password, host, port, dbname, service,/);
  });
});

describe("core/connection: parameters by libpq's names", () => {
  it("are those of a postgresql: URL", () => {
    assert.deepEqual(
      read(
        ["host", "h"],
        ["port", "7"],
        ["dbname", "d"],
        ["user", "u"],
        ["password", "a+b%20"],
        ["options", "-c work_mem=8MB"],
        ["application_name", "a"],
        ["search_path", "s"],
        ["sslrootcert", "/ca.pem"],
        ["ssl", "1"],
      ),
      {
        host: "h",
        port: 7,
        database: "d",
        user: "u",
        password: "a+b%20",
        defaults: { work_mem: "8MB" },
        applicationName: "a",
        searchPath: "s",
        sslrootcert: "/ca.pem",
        sslmode: "require",
      },
    );
  });

  const refused: [string, string, RegExp][] = [
    ["host", "a,b", /^it names several hosts \| Name the one host that accepts writes/],
    ["port", "x", /^the port is not a number from 1 to 65535 \| Correct it/],
    ["sslmode", "on", /^sslmode "on" is unknown/],
    ["options", "-W", /^options holds the switch -W \| Write options=-c name=value/],
    ["keepalives_idle", "1s", /^keepalives_idle "1s" is no number \| .*0 is the default/],
    ["keepalives_idle", "x1", /is no number/],
    ["tcp_user_timeout", "", /^tcp_user_timeout "" is no number/],
    ["tcp_user_timeout", "1234567890", /is no number/],
    ["krbsrvname", "x", /^the parameter "krbsrvname" is not supported/],
  ];
  for (const [name, value, message] of refused) {
    it(`refuse ${name}=${value}`, () => {
      assert.throws(() => read([name, value]), { message });
    });
  }

  it("read numbers of any length that can be meant", () => {
    assert.equal(read(["tcp_user_timeout", "123456789"]).tcpUserTimeout, 123456789);
  });
});

describe("core/connection: what is not said", () => {
  it("has libpq's defaults, and localhost", () => {
    const local = { sslmode: "prefer", host: "localhost", port: 5432 };
    assert.deepEqual(completeConnection({}), { ...local, database: "" });
    assert.deepEqual(
      completeConnection({ user: "u", host: "", service: "s", applicationName: "a" }),
      {
        ...local,
        user: "u",
        database: "u",
      },
    );
    assert.equal(completeConnection({ sslmode: "require" }).sslmode, "require");
  });

  it("is said of a connection without its password", () => {
    const connection = { host: "h", port: 7, database: "d", password: "p", sslmode: "prefer" };
    assert.equal(describeConnection({ ...connection, sslmode: "prefer" }), "h:7/d");
  });
});
