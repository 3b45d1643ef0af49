import assert from "node:assert/strict";

import fc from "fast-check";

import {
  credentialVariables,
  databaseUrl,
  jdbcUrl,
  percentEncode,
  urlTemplate,
} from "../../components/database-url";
import { migrationTemplates, migrationValues } from "../../components/secret-keys";
import { parseConnectionUrl } from "../../engine/core/connection";

const ADDRESS = { host: "pg-rw.apps.svc.cluster.local", port: 5432, database: "agents" };

/** Go's template language as far as ours go: `{{ .name }}`, `urlquery` (url.QueryEscape) and sprig's `replace`. */
function evaluate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{(.*?)\}\}/gs, (_, expression: string) => {
    const [variable = "", ...steps] = expression.split("|").map((step) => step.trim());
    const value = values[variable.replace(/^\./, "")];
    assert.ok(value !== undefined, `map has no entry for key ${variable}`);
    return steps.reduce(apply, value);
  });
}

function apply(value: string, step: string): string {
  if (step === "urlquery") return queryEscape(value);
  const [, from = "", to = ""] = /^replace "(.*)" "(.*)"$/.exec(step) ?? [];
  assert.ok(from !== "", `unknown function: ${step}`);
  return value.split(from).join(to);
}

function queryEscape(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (/[A-Za-z0-9._~-]/.test(character)) return character;
      return byte === 0x20 ? "+" : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

const TRICKY = [
  " ",
  "+",
  "a b+c",
  "p@ss",
  "/",
  "%",
  "%41",
  "%zz",
  ":",
  "'",
  '"',
  "\\",
  "#?&=",
  "{{ .x }}",
  "$1 $& $$",
  "ä€😀",
  "\t",
  "@host/db?sslmode=disable",
];
const secret = fc.oneof(
  fc.constantFrom(...TRICKY),
  fc.string({ unit: "binary", minLength: 1 }).filter((text) => !text.includes("\0")),
);

describe("components: database URLs", () => {
  it("any user and password come back from the operator's template", () => {
    fc.assert(
      fc.property(secret, secret, (user, password) => {
        const { user: u, password: p } = credentialVariables("my-db");
        const url = evaluate(urlTemplate(ADDRESS, "my-db"), { [u]: user, [p]: password });
        const read = parseConnectionUrl(url);
        assert.deepEqual([read.user, read.password], [user, password]);
        assert.deepEqual([read.host, read.port, read.database], Object.values(ADDRESS));
      }),
    );
  });

  it("a whole URL is the one that the template makes", () => {
    fc.assert(
      fc.property(secret, secret, (user, password) => {
        const { user: u, password: p } = credentialVariables("d");
        const made = evaluate(urlTemplate(ADDRESS, "d"), { [u]: user, [p]: password });
        assert.equal(databaseUrl(ADDRESS, { user, password }), made);
      }),
    );
  });

  it("any name of a database comes back, and is no template", () => {
    fc.assert(
      fc.property(secret, (database) => {
        const url = databaseUrl({ ...ADDRESS, database }, { user: "u", password: "p" });
        assert.equal(parseConnectionUrl(url).database, database);
        assert.doesNotMatch(jdbcUrl({ ...ADDRESS, database }), /[{}]/);
      }),
    );
  });

  it("an IPv6 address has its brackets", () => {
    const url = databaseUrl({ ...ADDRESS, host: "fd00::1" }, { user: "u", password: "p" });
    assert.equal(url, "postgresql://u:p@[fd00::1]:5432/agents");
    assert.equal(parseConnectionUrl(url).host, "fd00::1");
  });

  it("nothing is left that a standard parser reads otherwise", () => {
    for (const text of TRICKY) assert.equal(decodeURIComponent(percentEncode(text)), text);
  });

  it("variables of templates are names in Go, whatever the database's own", () => {
    for (const name of ["agents", "1db", "my-db-2"]) {
      for (const variable of Object.values(credentialVariables(name)))
        assert.match(variable, /^[a-z]\w*$/);
    }
  });
});

describe("components: keys of the Secret of the migrations", () => {
  const server = { host: ADDRESS.host, port: 5432, user: "u", password: "p w", sslmode: "require" };
  const config = { name: "platform", database: "platform", server };
  const flyway = { url: "FLYWAY_URL", user: "FLYWAY_USER", password: "FLYWAY_PASSWORD" };
  const credentials = { user: "dbuser", password: "p w" };

  it("Flyway's three, the URL without credentials", () => {
    const migrationKeys = flyway;
    assert.deepEqual(migrationTemplates({ ...config, migrationKeys }), {
      FLYWAY_URL: "jdbc:postgresql://pg-rw.apps.svc.cluster.local:5432/platform",
      FLYWAY_USER: "{{ .user_platform }}",
      FLYWAY_PASSWORD: "{{ .password_platform }}",
    });
    assert.deepEqual(migrationValues({ ...config, migrationKeys }, credentials), {
      FLYWAY_URL: "jdbc:postgresql://pg-rw.apps.svc.cluster.local:5432/platform",
      FLYWAY_USER: "dbuser",
      FLYWAY_PASSWORD: "p w",
    });
  });

  it("or one, with everything", () => {
    const migrationKeys = { url: "X_URL" };
    assert.deepEqual(migrationValues({ ...config, migrationKeys }, credentials), {
      X_URL: "postgresql://dbuser:p%20w@pg-rw.apps.svc.cluster.local:5432/platform",
    });
  });
});
