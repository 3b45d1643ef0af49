/** Names that other systems read: none of them may ever change. */
import assert from "node:assert/strict";

import {
  defaultServiceSecret,
  defaultUrlKey,
  defaultVaultSecret,
  jobBaseName,
  LOCAL_CREDENTIALS,
  LOCAL_SECRET,
  MIGRATIONS_SECRET,
  optionsKey,
} from "../../config/names";

describe("config: names", () => {
  it("of Secrets are the same for every stack", () => {
    assert.deepEqual(
      [MIGRATIONS_SECRET, LOCAL_SECRET, LOCAL_CREDENTIALS],
      ["db-migrations", "db-migrations-local", "platform-db-credentials"],
    );
  });

  it("follow from the name of the database", () => {
    assert.equal(defaultUrlKey("my-own-db"), "MY_OWN_DB_DATABASE_URL");
    assert.equal(optionsKey("my-own-db"), "MY_OWN_DB_OPTIONS");
    assert.equal(defaultServiceSecret("my-db"), "my-db-db-secret");
    assert.equal(defaultVaultSecret("my-db"), "db-migrations-my-db-database-url");
  });

  it("that are variables do not begin with a digit", () => {
    assert.equal(defaultUrlKey("2024-a"), "DB_2024_A_DATABASE_URL");
    assert.equal(optionsKey("9"), "DB_9_OPTIONS");
    assert.equal(defaultUrlKey("a2"), "A2_DATABASE_URL");
  });

  it("of Jobs leave room for their hash within Kubernetes' 63 characters", () => {
    assert.equal(jobBaseName(), "db-migrations");
    assert.equal(jobBaseName("shop"), "db-migrations-shop");
    const long = jobBaseName("x".repeat(63));
    assert.equal(`${long}-0123456789`.length, 63);
    assert.equal(jobBaseName(`${"x".repeat(36)}--y`), `db-migrations-${"x".repeat(36)}`);
    assert.equal(jobBaseName("a--b"), "db-migrations-a--b");
  });
});
