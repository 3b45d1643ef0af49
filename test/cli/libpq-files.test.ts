import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";

import { findPassword, type Login } from "../../engine/cli/libpq/password-file";
import { connectionTarget } from "../../engine/cli/libpq/target";
import { TidemarkError } from "../../engine/core/errors";
import { withFolder } from "../support/folder";

const CANARY = "c@n/ry: %#é";
const LOGIN: Login = { host: "db", port: 5432, database: "app", user: "me" };

function refused(work: () => unknown, message: RegExp, remedy = /./): void {
  assert.throws(work, (error) => {
    assert.ok(error instanceof TidemarkError);
    assert.equal(error.class, "usage");
    assert.match(error.message, message);
    assert.match(error.remedy, remedy);
    assert.ok(!(error.message + error.remedy).includes(CANARY));
    return true;
  });
}

describe("cli/libpq: the password file", () => {
  const cases: readonly [string, string, string | undefined, Partial<Login>?][] = [
    ["an exact line", "db:5432:app:me:s3cret", "s3cret"],
    ["wildcards", "*:*:*:*:s3cret", "s3cret"],
    ["the first that fits", "x:*:*:*:no\ndb:*:*:me:first\n*:*:*:*:second", "first"],
    [
      "comments, blank and short lines",
      "# db:5432:app:me:no\n\ndb:5432:app:me\n*:*:*:*:yes",
      "yes",
    ],
    [
      "escapes in fields and password",
      String.raw`d\:b:5432:a\\pp:me:p\:\\w`,
      String.raw`p:\w`,
      { host: "d:b", database: String.raw`a\pp` },
    ],
    ["a star that is none", String.raw`\*:5432:app:me:no`, undefined],
    ["the end of the password at a colon", "*:*:*:*:a:b", "a"],
    ["an empty password for none", "*:*:*:*:", undefined],
    ["another port", "db:5433:app:me:no", undefined],
    ["a socket as localhost", "localhost:*:*:*:s", "s", { host: "/var/run/postgresql" }],
    ["lines with CRLF", "db:5432:app:me:s\r\n", "s"],
  ];
  for (const [what, text, password, login = {}] of cases)
    it(`reads ${what}`, () => assert.equal(findPassword(text, { ...LOGIN, ...login }), password));

  it("is used where nothing else gives a password, and not where others may read it", async () => {
    await withFolder({ pgpass: "*:*:*:me:from the file" }, (folder) => {
      const file = join(folder, "pgpass");
      const env = { PGPASSFILE: file, HOME: folder };
      chmodSync(file, 0o600);
      const url = "postgresql://me@db/app";
      assert.equal(connectionTarget(url, {}, env).connection.password, "from the file");
      assert.equal(connectionTarget(url, { password: "x" }, env).connection.password, "x");
      assert.equal(connectionTarget("postgresql://me:u@db", {}, env).connection.password, "u");
      const given = { ...env, PGPASSWORD: "variable" };
      assert.equal(connectionTarget(url, {}, given).connection.password, "variable");
      assert.equal(connectionTarget("postgresql://you@db", {}, env).connection.password, undefined);
      chmodSync(file, 0o640);
      const { connection, warnings } = connectionTarget(url, {}, env);
      assert.equal(connection.password, undefined);
      assert.match(warnings.join(), /pgpass is not used: others may read it.*chmod 600/);
      const folderAsFile = connectionTarget(url, {}, { HOME: folder, PGPASSFILE: folder });
      assert.match(folderAsFile.warnings.join(), /no plain file/);
      return Promise.resolve();
    });
  });
});

describe("cli/libpq: services, variables and their precedence", () => {
  const SERVICES = `# ours
[prod]
host=prod.example
port=6000
dbname=orders
user=service
password=${CANARY}
sslmode=require
application_name=shop

[prod]
host=second
[broken]
host=x
nonsense=${CANARY}
[loop]
service=prod
[bare]
${CANARY}
`;

  const withServices = (work: (env: Record<string, string>) => void) =>
    withFolder({ ".pg_service.conf": SERVICES }, (HOME) => {
      work({ HOME });
      return Promise.resolve();
    });

  it("URL over service over variables over defaults", async () => {
    await withServices((home) => {
      const env = {
        ...home,
        PGSERVICE: "prod",
        PGHOST: "env",
        PGUSER: "env",
        PGOPTIONS: "-c work_mem=8MB",
        PGCONNECT_TIMEOUT: "7",
      };
      const { connection, applicationName } = connectionTarget(undefined, {}, env);
      assert.deepEqual(connection, {
        host: "prod.example",
        port: 6000,
        database: "orders",
        user: "service",
        password: CANARY,
        sslmode: "require",
        connectTimeout: 7000,
        defaults: { work_mem: "8MB" },
      });
      assert.equal(applicationName, "shop");
      const url = "postgresql://url@:7000/mine?sslmode=disable";
      const over = connectionTarget(url, { user: "setting" }, env).connection;
      assert.deepEqual(
        [over.host, over.port, over.database, over.user, over.sslmode, over.password],
        ["prod.example", 7000, "mine", "setting", "disable", CANARY],
      );
      const byUrl = connectionTarget("postgresql:///?service=prod", {}, home).connection;
      assert.equal(byUrl.host, "prod.example");
    });
  });

  it("variables alone name a database; what is empty is not set", () => {
    const env = {
      HOME: "/nowhere",
      PGDATABASE: "d",
      PGUSER: "u",
      PGPORT: "6543",
      PGHOST: "",
      PGTZ: "Asia/Tokyo",
    };
    assert.deepEqual(connectionTarget(undefined, {}, env).connection, {
      host: "localhost",
      port: 6543,
      database: "d",
      user: "u",
      sslmode: "prefer",
      defaults: { timezone: "Asia/Tokyo" },
    });
  });

  it("refuses an unknown service, and names the line that cannot be read without its value", async () => {
    await withServices((home) => {
      const open = (PGSERVICE: string) => () =>
        connectionTarget(undefined, {}, { ...home, PGSERVICE });
      refused(open("prdo"), /no service prdo.*Did you mean prod\?/, /prod, broken/);
      refused(open("broken"), /pg_service\.conf:15: the parameter "nonsense"/);
      refused(open("loop"), /:17: a service cannot name another/);
      refused(open("bare"), /:19: the line is not name=value/);
      const env = { HOME: "/nowhere", PGSERVICE: "prod" };
      refused(
        () => connectionTarget(undefined, {}, env),
        /no service prod in \/nowhere/,
        /\[name\]/,
      );
    });
  });

  const REFUSED: readonly [string, string, RegExp][] = [
    ["PGGSSENCMODE", "require", /not supported/],
    ["PGHOSTADDR", "10.0.0.1", /not supported/],
    ["PGSSLCERT", "/x.pem", /not supported/],
    ["PGCHANNELBINDING", "require", /not supported/],
    ["PGTARGETSESSIONATTRS", "standby", /not supported/],
    ["PGSSLMODE", "sometimes", /sslmode "sometimes" is unknown/],
    ["PGPORT", "70000", /port/],
    ["PGHOST", "a,b", /several hosts/],
    ["PGOPTIONS", "-E", /switch -E/],
  ];
  for (const [name, value, message] of REFUSED)
    it(`refuses ${name}=${value}`, () => {
      const env = { HOME: "/nowhere", [name]: value };
      refused(
        () => connectionTarget("postgresql://h/d", {}, env),
        new RegExp(`${name}.*${message.source}`),
      );
    });

  it("takes values of these that ask for nothing", () => {
    const env = {
      HOME: "/nowhere",
      PGGSSENCMODE: "prefer",
      PGSSLNEGOTIATION: "postgres",
      PGTARGETSESSIONATTRS: "primary",
      PGREQUIRESSL: "0",
      PGCLIENTENCODING: "LATIN1",
    };
    assert.equal(connectionTarget("postgresql://h/d", {}, env).connection.host, "h");
  });
});
