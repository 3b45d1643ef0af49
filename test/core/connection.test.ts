import assert from "node:assert/strict";

import fc from "fast-check";

import { describeConnection, parseConnectionUrl, readSslMode } from "../../engine/core/connection";
import { failureOf } from "../support/migrations";

/** What a URL says, without what it leaves open. */
function parts(url: string): Record<string, unknown> {
  const { host, port, database, user, password } = parseConnectionUrl(url);
  return Object.fromEntries(
    Object.entries({ host, port, database, user, password }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

const AT_HOME = { host: "db.example", port: 5433, database: "platform" };
const CREDENTIALS = { user: "app", password: "s3cret" };

describe("core/connection: URLs", () => {
  const cases: [string, Record<string, unknown>][] = [
    ["postgresql://app:s3cret@db.example:5433/platform", { ...AT_HOME, ...CREDENTIALS }],
    ["postgres://app:s3cret@db.example:5433/platform", { ...AT_HOME, ...CREDENTIALS }],
    ["jdbc:postgresql://app:s3cret@db.example:5433/platform", { ...AT_HOME, ...CREDENTIALS }],
    ["jdbc:postgresql://db.example:5433/platform", AT_HOME],
    [
      "jdbc:postgresql://db.example:5433/platform?user=app&password=s3cret",
      { ...AT_HOME, ...CREDENTIALS },
    ],
    [
      "jdbc:postgresql://db.example:5433/platform?loggerLevel=OFF&password=p@ss/w#&user=app",
      { ...AT_HOME, user: "app", password: "p@ss/w#" },
    ],
    ["postgresql://app@db.example/platform", { ...AT_HOME, port: 5432, user: "app" }],
    ["postgresql://app:@db.example:5433/platform", { ...AT_HOME, user: "app", password: "" }],
    ["postgresql://app@db.example:5433", { ...AT_HOME, database: "app", user: "app" }],
    ["postgresql://[::1]:5433/platform", { ...AT_HOME, host: "::1" }],
    ["postgresql:///platform", { host: "localhost", port: 5432, database: "platform" }],
    [
      "postgresql://db.example:5433/with%20space%2F%C3%A9",
      { ...AT_HOME, database: "with space/é" },
    ],
    [
      "postgresql://us%40er:s3cret@db.example:5433/platform",
      { ...AT_HOME, ...CREDENTIALS, user: "us@er" },
    ],
  ];
  for (const [url, expected] of cases) {
    it(`reads ${url}`, () => {
      assert.deepEqual(parts(url), expected);
    });
  }

  it("reads the parameters that mean something to it", () => {
    const url = "postgresql://h/d?sslmode=verify-full&sslrootcert=%2Fca.pem&connect_timeout=7";
    const it = parseConnectionUrl(`${url}&search_path=app,public&application_name=x`);
    assert.equal(it.sslmode, "verify-full");
    assert.equal(it.sslrootcert, "/ca.pem");
    assert.equal(it.connectTimeout, 7000);
    assert.equal(it.searchPath, "app,public");
    assert.equal(parseConnectionUrl("postgresql://h/d").sslmode, "prefer");
    assert.equal(parseConnectionUrl("jdbc:postgresql://h/d?ssl=true").sslmode, "verify-full");
    assert.equal(parseConnectionUrl("jdbc:postgresql://h/d?currentSchema=app").searchPath, "app");
  });

  it("passes over a driver's own parameters in a jdbc: URL, and refuses them elsewhere", () => {
    assert.equal(parseConnectionUrl("jdbc:postgresql://h/d?prepareThreshold=0").database, "d");
    const error = failureOf(() => parseConnectionUrl("postgresql://h/d?prepareThreshold=0"));
    assert.match(error.message, /"prepareThreshold"/);
    assert.match(error.remedy, /sslmode/);
  });
});

describe("core/connection: passwords", () => {
  const odd = [
    "p@ss",
    "a:b",
    "a/b",
    "100%",
    "a#b",
    "a b",
    "žluťoučký",
    "密码😀",
    "a?b",
    "@:/%# é",
    "a@b@c",
  ];
  for (const password of odd) {
    it(`takes ${password} as it is, percent-encoded, and as a parameter`, () => {
      const encoded = encodeURIComponent(password);
      const expected = { ...AT_HOME, user: "app", password };
      const address = "db.example:5433/platform";
      assert.deepEqual(parts(`postgresql://app:${password}@${address}`), expected);
      assert.deepEqual(parts(`postgresql://app:${encoded}@${address}`), expected);
      assert.deepEqual(parts(`postgresql://app:${password}@${address}?sslmode=disable`), expected);
      assert.deepEqual(
        parts(`jdbc:postgresql://${address}?user=app&password=${encoded}`),
        expected,
      );
      assert.deepEqual(
        parts(`jdbc:postgresql://${address}?user=app&password=${password}`),
        expected,
      );
    });
  }

  const anything = fc.string({ unit: "binary" });

  it("come back whatever they are, percent-encoded into any kind of URL", () => {
    fc.assert(
      fc.property(anything, anything, (user, password) => {
        const [u, p] = [user, password].map(encodeURIComponent);
        const before = parts(`postgresql://${u}:${p}@db.example:5433/platform`);
        const behind = parts(`jdbc:postgresql://db.example:5433/platform?user=${u}&password=${p}`);
        assert.deepEqual(before, { ...AT_HOME, user, password });
        assert.deepEqual(behind, { ...AT_HOME, user, password });
      }),
    );
  });

  it("are not part of the description", () => {
    const it = parseConnectionUrl("postgresql://app:s3cret@[::1]:5433/platform");
    assert.equal(describeConnection(it), "[::1]:5433/platform");
  });
});

describe("core/connection: mistakes", () => {
  const cases: [string, string, RegExp][] = [
    ["another scheme", "mysql://app:CANARY@h/d", /begin with postgresql:/],
    ["no scheme", "app:CANARY@h/d", /begin with postgresql:/],
    ["a port that is none", "postgresql://app:CANARY@h:port/d", /port/],
    ["a port that is too high", "postgresql://app:CANARY@h:65536/d", /port/],
    ["several hosts", "postgresql://app:CANARY@a,b/d", /several hosts/],
    ["several hosts with ports", "postgresql://app:CANARY@a:1,b:2/d", /port|host/],
    ["an unknown parameter", "postgresql://app:CANARY@h/d?foo=1", /"foo"/],
    ["an unknown sslmode", "postgresql://app:CANARY@h/d?sslmode=maybe", /"maybe"/],
    ["a # behind the host", "postgresql://app:CANARY@h#x", /host:port\/database/],
    ["a forgotten host", "postgresql://app:CANARY", /port/],
  ];
  for (const [what, url, message] of cases) {
    it(`says of ${what} what it is, and never the password`, () => {
      const error = failureOf(() => parseConnectionUrl(url));
      assert.equal(error.code, "CONFIGURATION");
      assert.equal(error.class, "usage");
      assert.match(error.message, message);
      assert.ok(!JSON.stringify([error.message, error.remedy, error.stack]).includes("CANARY"));
    });
  }

  it("never quotes the password, wherever in the URL the mistake is", () => {
    const tail = fc.string({ unit: fc.constantFrom(..."ab1@:/?#[]%&=, ") });
    fc.assert(
      fc.property(tail, tail, (middle, end) => {
        try {
          const it = parseConnectionUrl(`postgresql://app:CANARY${middle}@h${end}`);
          assert.ok(!describeConnection(it).includes("CANARY"));
        } catch (error) {
          assert.ok(error instanceof Error && !error.message.includes("CANARY"), String(error));
        }
      }),
    );
  });

  const hostile: [string, string][] = [
    ["20,000 parameters", `jdbc:postgresql://h/d?${"a=1&".repeat(20_000)}`],
    ["a password of 20,000 parameters", `postgresql://app:${"?user=".repeat(20_000)}@h/d`],
    ["100,000 addresses in the password", `postgresql://app:${"@h:1/d".repeat(100_000)}@h/d`],
    ["brackets that are never closed", `postgresql://app:${"@[".repeat(100_000)}@h/d`],
    ["20,000 options", `postgresql://h/d?options=${"-c a.b=1 ".repeat(20_000)}`],
  ];
  for (const [what, url] of hostile) {
    it(`reads ${what} at once`, () => {
      const begin = performance.now();
      assert.equal(parseConnectionUrl(url).host, "h");
      const took = performance.now() - begin;
      assert.ok(took < 500, `${took} ms`);
    });
  }

  it("names the words that sslmode may be", () => {
    assert.equal(readSslMode("verify-ca"), "verify-ca");
    assert.match(failureOf(() => readSslMode("on")).remedy, /disable.*verify-full/);
  });
});
