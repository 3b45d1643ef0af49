import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { FLAGS } from "../../engine/cli/command-texts";
import { readEnvironment } from "../../engine/cli/environment";
import { parseCommandLine } from "../../engine/cli/program";
import { resolveSettings } from "../../engine/cli/resolve-settings";
import { flagOf, SETTINGS, variableOf } from "../../engine/cli/settings";
import { failureOf } from "../support/migrations";

const ROOT = resolve(__dirname, "../../.."); // compiled, this file lies in bin/test/cli
const resolved = (env: Record<string, string>) => resolveSettings({}, readEnvironment(env));

describe("variables: what is not known", () => {
  const cases: [string, string | undefined][] = [
    ["TIDEMARK_LOCK_TIMOUT", "TIDEMARK_LOCK_TIMEOUT"],
    ["TIDEMARK_BASELINE_VERSION", "FLYWAY_BASELINE_VERSION"],
    ["FLYWAY_LOCK_WAIT", "TIDEMARK_LOCK_WAIT"],
    ["FLYWAY_BASELINE_VERSON", "FLYWAY_BASELINE_VERSION"],
    ["TIDEMARK_SOMETHING_ELSE", undefined],
    ["FLYWAY_CHERRY_PICK", undefined],
    ["FLYWAY_PLACEHOLDERS", undefined],
    ["FLYWAY_PLACEHOLDERS_", undefined],
  ];
  for (const [name, meant] of cases) {
    it(`${name} is refused${meant ? `, and ${meant} offered` : ""}`, () => {
      const { code, message, remedy } = failureOf(() => readEnvironment({ [name]: "CANARY" }));
      assert.equal(code, "CONFIGURATION");
      assert.ok(message.includes(name), message);
      if (meant) assert.ok(message.endsWith(`Did you mean ${meant}?`), message);
      assert.match(remedy, /env -u/);
      assert.ok(!(message + remedy).includes("CANARY"));
    });
  }

  it("no variable of the scripts and tests of this repository is in the way", () => {
    const options = new Set(SETTINGS.map(variableOf));
    const names = new Set<string>();
    for (const folder of ["scripts", "test", "bench"]) {
      const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
      for (const file of files.filter((name) => /\.(ts|mjs|cjs)$/.test(name))) {
        if (file.endsWith("environment.test.ts")) continue;
        const text = readFileSync(join(ROOT, folder, file), "utf8");
        for (const [name] of text.matchAll(/\bTIDEMARK_[A-Z_]*[A-Z]\b/g)) names.add(name);
      }
    }
    assert.ok(names.size > 10);
    for (const name of names)
      if (!options.has(name))
        assert.deepEqual(readEnvironment({ [name]: "1" }).values.size, 0, name);
  });

  it("what Kubernetes says of a Service called tidemark is passed over", () => {
    const links = {
      TIDEMARK_SERVICE_HOST: "10.0.0.7",
      TIDEMARK_SERVICE_PORT_HTTP: "80",
      TIDEMARK_PORT: "tcp://10.0.0.7:80",
      TIDEMARK_PORT_80_TCP_ADDR: "10.0.0.7",
      TIDEMARK_WEB_SERVICE_HOST: "10.0.0.8",
    };
    assert.equal(readEnvironment(links).values.size, 0);
  });
});

describe("arguments", () => {
  const line = (...args: string[]) => parseCommandLine(["migrate", ...args], "1");

  it("a placeholder without a name is refused without its value", () => {
    const { message, remedy } = failureOf(() => line("--placeholders", "CANARY"));
    assert.match(message, /--placeholders/);
    assert.ok(!(message + remedy).includes("CANARY"));
  });

  it("a placeholder's value may hold = and stand beside others", () => {
    const { given } = line("--placeholders", "a=1=2", "--placeholders", "b=");
    assert.deepEqual(given.placeholders, { a: "1=2", b: "" });
  });

  it("a boolean stands alone or has its value", () => {
    const { given } = line("--group", "--mixed", "false", "--allow-destructive", "V7__x.sql");
    assert.deepEqual(Object.fromEntries(given.values), {
      group: true,
      mixed: false,
      allowDestructive: ["V7__x.sql"],
    });
  });

  it("every option of the contract is a flag", () => {
    const flags = FLAGS.map(flagOf);
    const contract =
      "url user password locations schemas default-schema table baseline-version baseline-description baseline-on-migrate target out-of-order ignore-migration-patterns validate-on-migrate validate-migration-naming group mixed encoding placeholders placeholder-replacement placeholder-prefix placeholder-suffix callback-locations sql-migration-prefix sql-migration-separator sql-migration-suffixes repeatable-sql-migration-prefix installed-by create-schemas init-sql execute-in-transaction skip-executing-migrations lock-timeout statement-timeout lock-wait secret-placeholders";
    assert.deepEqual(
      contract.split(" ").filter((name) => !flags.includes(`--${name}`)),
      [],
    );
  });
});

describe("variables: allowDestructive", () => {
  const read = (text: string) => resolved({ TIDEMARK_ALLOW_DESTRUCTIVE: text }).options;

  it("is true, false, or names of scripts", () => {
    assert.equal(resolved({}).options.allowDestructive, true);
    assert.equal(read("FALSE").allowDestructive, false);
    assert.deepEqual(read("V7__x.sql, V8__y.sql").allowDestructive, ["V7__x.sql", "V8__y.sql"]);
  });

  for (const text of ["no", "flase", "0", "", ","]) {
    it(`is not "${text}"`, () => {
      const { message } = failureOf(() => read(text));
      assert.match(message, /^TIDEMARK_ALLOW_DESTRUCTIVE: .* neither true nor false/);
    });
  }
});

describe("settings: secrets", () => {
  it("are the password, wherever it stands, and the values of secret placeholders", () => {
    const { passwords, secrets } = resolved({
      FLYWAY_URL: "postgresql://app:in-url@h/d",
      FLYWAY_PASSWORD: "apart",
      FLYWAY_PLACEHOLDERS_API_KEY: "k1",
      FLYWAY_PLACEHOLDERS_OTHER: "shown",
      TIDEMARK_SECRET_PLACEHOLDERS: "API_Key",
    });
    assert.deepEqual([passwords, secrets], [["apart", "in-url"], ["k1"]]);
  });

  it("are known where the URL cannot be read, which is said when it is needed", () => {
    const { passwords, connection } = resolved({ FLYWAY_URL: "mysql://x", FLYWAY_PASSWORD: "p" });
    assert.deepEqual(passwords, ["p"]);
    assert.match(failureOf(connection).message, /begin with postgresql:/);
  });

  it("a secret placeholder without a value is refused by name", () => {
    const { message, remedy } = failureOf(() =>
      resolved({ TIDEMARK_SECRET_PLACEHOLDERS: "api_kee", FLYWAY_PLACEHOLDERS_API_KEY: "k1" }),
    );
    assert.match(message, /api_kee/);
    assert.ok(!(message + remedy).includes("k1"));
  });
});

describe("settings: lock_timeout in the URL's options", () => {
  const FLYWAY_URL = "jdbc:postgresql://h/d?options=-c%20lock_timeout=2s";

  it("is the session's own, and stays", () => {
    assert.equal(resolved({ FLYWAY_URL }).options.lockTimeout, 0);
  });

  it("gives way to a setting of the command's", () => {
    const env = { FLYWAY_URL, TIDEMARK_LOCK_TIMEOUT: "7s" };
    assert.equal(resolved(env).options.lockTimeout, 7000);
  });
});
