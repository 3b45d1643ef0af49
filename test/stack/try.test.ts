import { TestStack } from "../support/stack";

describe("try", function () {
  this.timeout(120_000);
  it("bad inputs", async () => {
    const stack = await TestStack.open();
    try {
      const a = stack.server.databaseName(), b = stack.server.databaseName(), c = stack.server.databaseName();
      await stack.configure({ createDatabase: true, databases: { a: { database: a }, b: { database: b }, c: { database: c, placeholders: { pw: stack.encryptedPassword } } } });
      stack.write("migrations/a/V1_x.sql", "select 1");
      stack.write("migrations/b/v1__x.sql", "select 1");
      stack.write("migrations/c/V1__x.sql", "select 1;");
      for (const args of [["preview"], ["up", "--yes", "--skip-preview"]])
      console.log(await stack.run(...args, "--continue-on-error").catch((e: Error) => e.message));
    } finally {
      await stack.close();
    }
  });
});
