/** What a user can get wrong, through the whole chain: what is said, by code and remedy, and that nothing is changed. */
import { strict as assert } from "node:assert";

import { advisoryLockKey } from "../../engine/core/lock-key";
import { DEFAULT_OPTIONS, Migrator } from "../../engine/index";
import type { Outcome } from "../support/outcome";
import { TestStack } from "../support/stack";
import { describeDatabase } from "../support/stack-server";

const V1 = "CREATE TABLE orders (id int);\n";

interface Fault {
  readonly what: string;
  /** Files that are there, and applied, before it goes wrong. */
  readonly applied?: Readonly<Record<string, string>>;
  /** SQL run after that, as the stack's role. */
  readonly sql?: string;
  /** Files as the stack finds them; null: deleted. */
  readonly files?: Readonly<Record<string, string | Uint8Array | null>>;
  /** Keys of the database's configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly says: readonly RegExp[];
}

const FAULTS: readonly Fault[] = [
  {
    what: "a file name with one underscore",
    files: { "V1__orders.sql": V1, "V2_x.sql": "SELECT 1;" },
    says: [/\[ERROR\] Invalid migration file name: V2_x\.sql/, /Remedy: .*two underscores/],
  },
  {
    what: "a file name with a small v",
    files: { "V1__orders.sql": V1, "v2__x.sql": "SELECT 1;" },
    says: [/\[ERROR\] Invalid migration file name: v2__x\.sql/, /Remedy: .*capital V/],
  },
  {
    what: "two files of one version",
    files: { "V1__orders.sql": V1, "V1__again.sql": "SELECT 1;" },
    says: [
      /\[DUPLICATE_VERSIONED_MIGRATION\] Two files have the same version 1: .*V1__(orders|again)/,
      /Remedy: Give the one that has not been applied anywhere the next free version/,
    ],
  },
  {
    what: "an applied migration that was edited",
    applied: { "V1__orders.sql": V1 },
    files: { "V1__orders.sql": V1.replace("int", "bigint") },
    says: [
      /\[CHECKSUM_MISMATCH\] Migration 1 \(V1__orders\.sql\) was changed after it was applied/,
      /Remedy: Put the file back .*repair/,
    ],
  },
  {
    what: "an applied migration that was deleted, beside one that was edited",
    applied: { "V1__orders.sql": V1, "V2__note.sql": "ALTER TABLE orders ADD note text;" },
    files: { "V1__orders.sql": `${V1}-- edited`, "V2__note.sql": null },
    says: [
      /\[APPLIED_VERSIONED_MIGRATION_NOT_RESOLVED\] Migration 2 .*V2__note\.sql is not among/,
      /Remedy: Put the file back; or, if it was taken away on purpose, run `tidemark repair --stack test --database \w+`/,
      /\[CHECKSUM_MISMATCH\] Migration 1/,
    ],
  },
  {
    what: "a target below the schema version",
    applied: { "V1__orders.sql": V1, "V2__note.sql": "ALTER TABLE orders ADD note text;" },
    config: { target: "1" },
    says: [
      /\[ERROR\] The target 1 is below the schema version 2/,
      /Remedy: Raise the target, or write a new migration/,
    ],
  },
  {
    what: "a history row of a type that nobody knows",
    applied: { "V1__orders.sql": V1 },
    sql: "UPDATE flyway_schema_history SET type = 'MAGIC'",
    says: [
      /\[ERROR\] Row 1 of the schema history "public"\."flyway_schema_history" cannot be read/,
      /its type "MAGIC" is unknown/,
      /Remedy: A paid or newer edition of Flyway/,
    ],
  },
  {
    what: "a folder that does not exist",
    config: { migrations: "migrations/nowhere" },
    says: [
      /\[ERROR\] The migrations folder migrations\/nowhere does not exist/,
      /Remedy: Make the folder, .*migrations: none/,
    ],
  },
  {
    what: "an empty folder",
    files: { "README.md": "nothing yet" },
    says: [/\[ERROR\] There is no migration in migrations\//, /Remedy: Add the first one/],
  },
  {
    what: "a file that is not UTF-8",
    files: { "V1__orders.sql": Buffer.concat([Buffer.from(V1), Buffer.from("-- für", "latin1")]) },
    says: [/\[ERROR\] V1__orders\.sql:2: the file is not valid UTF-8/, /Remedy: Save it as UTF-8/],
  },
  {
    what: "objects, and neither history nor baseline",
    sql: "CREATE TABLE by_hand (id int)",
    files: { "V1__orders.sql": V1 },
    says: [
      /\[NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE\] Found objects in schema "public"/,
      /Remedy: .*databases\.<name>\.baseline/,
    ],
  },
  {
    what: "objects in a schema of their own, and neither history nor baseline",
    sql: "CREATE SCHEMA agents; CREATE TABLE agents.nodes (id int)",
    files: { "V1__orders.sql": V1 },
    says: [
      /\[NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE\] Found objects in schema "agents"/,
      /Remedy: .*databases\.<name>\.baseline: .*databases\.<name>\.existingSchemas: \["agents"\]/,
    ],
  },
  {
    what: "a wrong password",
    files: { "V1__orders.sql": V1 },
    config: { server: { password: "wr0ng" } },
    says: [/\[DB_CONNECTION\] .* refused the login of "stack_/, /Remedy: Check user and password/],
  },
  {
    what: "a database that does not exist",
    files: { "V1__orders.sql": V1 },
    config: { database: "tidemark_has_no_such_database" },
    says: [
      /\[DB_CONNECTION\] The database "tidemark_has_no_such_database" does not exist/,
      /Remedy: .*createDatabase: true/,
    ],
  },
];

describe("bad input", function () {
  this.timeout(60_000);
  let stack: TestStack;

  before(async () => {
    stack = await TestStack.open();
  });
  after(() => stack?.close());

  /** Each database has a folder of its own, so that no fault meets another. */
  const writeFiles = (database: string, files: Fault["files"] = {}) => {
    for (const [name, content] of Object.entries(files)) {
      const path = `migrations/${database}/${name}`;
      if (content === null) stack.remove(path);
      else stack.write(path, content);
    }
  };

  const prepare = async ({ applied, sql, files }: Partial<Fault>): Promise<string> => {
    const { server } = stack;
    const database = await server.createDatabase();
    if (applied) {
      writeFiles(database, applied);
      const { host, port, user, password } = server;
      const connection = { host, port, user, password, database, sslmode: "disable" } as const;
      const locations = [stack.path(`migrations/${database}`)];
      await new Migrator({ connection, options: { ...DEFAULT_OPTIONS, locations } }).migrate();
    }
    if (sql !== undefined) await server.query(database, sql);
    writeFiles(database, files);
    return database;
  };

  const assertSays = ({ ok, output }: Outcome, says: readonly RegExp[]) => {
    assert.ok(!ok, output);
    for (const saying of says) assert.match(output, saying);
    assert.doesNotMatch(output, /A bug of Tidemark|wr0ng|^\s+at .*\.[jt]s:/m);
  };

  for (const fault of FAULTS) {
    it(`is refused by a preview: ${fault.what}`, async () => {
      const database = await prepare(fault);
      const before = await describeDatabase(stack.server, database);
      await stack.configure({
        databases: { shop: { database, migrations: `migrations/${database}`, ...fault.config } },
      });
      assertSays(await stack.preview(), fault.says);
      assert.deepEqual(await describeDatabase(stack.server, database), before);
    });
  }

  it("is refused by an update as well, and accepted once the configuration says so: objects without history", async () => {
    const { server } = stack;
    const files = { "V1__orders.sql": V1 };
    const sql = "CREATE SCHEMA agents; CREATE TABLE agents.nodes (id int)";
    const database = await prepare({ sql, files });
    const before = await describeDatabase(server, database);
    const legacy = { database, migrations: `migrations/${database}` };
    await stack.configure({ databases: { legacy } });
    assertSays(await stack.up(), [
      /Found objects in schema "agents".*existingSchemas: \["agents"\]/s,
    ]);
    assert.deepEqual(await describeDatabase(server, database), before);
    await stack.configure({ databases: { legacy: { ...legacy, existingSchemas: ["agents"] } } });
    const { ok, output } = await stack.up();
    assert.ok(ok, output);
    const { schemaVersions } = await stack.outputs();
    assert.deepEqual(schemaVersions?.value, { legacy: "1" });
  });

  it("is refused by the program: all mistakes of the configuration at once", async () => {
    await stack.configure({
      server: { port: 70_000 },
      lockWait: "1s",
      databases: {
        shop: { migratons: "migrations/shop" },
        stock: { target: 3, lockWait: "soon" },
      },
    });
    assertSays(await stack.preview(), [
      /\d problems in the configuration of stack test \(Pulumi\.test\.yaml\):/,
      /tidemark:server\.port: must be 1 to 65535/,
      /tidemark:lockWait: is not a known key\. Known here: databases, server, /,
      /tidemark:databases\.shop\.migratons: is not a known key\. Known here: .*migrations/,
      /tidemark:databases\.stock\.target: must be a text in quotes/,
      /tidemark:databases\.stock\.lockWait: must be a duration such as/,
    ]);
  });

  it("is refused by an update: a lock that another session holds, a right that is missing", async () => {
    const { server } = stack;
    const files = { "V1__orders.sql": V1 };
    const locked = await prepare({ files });
    const forbidden = await prepare({ files });
    await server.administer(`ALTER DATABASE ${forbidden} OWNER TO CURRENT_USER`);
    const before = await Promise.all(
      [locked, forbidden].map((name) => describeDatabase(server, name)),
    );
    const holder = await server.connect(locked);
    const key = advisoryLockKey("public", "flyway_schema_history");
    await holder.query(`SELECT pg_advisory_lock(${key})`);
    await stack.configure({
      databases: {
        locked: { database: locked, migrations: `migrations/${locked}`, lockWait: "1s" },
        forbidden: { database: forbidden, migrations: `migrations/${forbidden}` },
      },
    });
    assertSays(await stack.up({ continueOnError: true }), [
      /\[ERROR\] Another migrator holds the lock of "public"\."flyway_schema_history": pid \d+ /,
      /\(user stack_\w+, application "a test", .*waited 1 s\./,
      /Remedy: Wait for it .*lockWait/,
      /\[DB_CONNECTION\] The schema history .* cannot be set up: permission denied for schema public/,
      /Remedy: Grant the role what it needs: GRANT CREATE, USAGE ON SCHEMA "public"/,
    ]);
    assert.deepEqual(
      await Promise.all([locked, forbidden].map((name) => describeDatabase(server, name))),
      before,
    );
  });
});
