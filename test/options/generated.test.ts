import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const ROOT = resolve(__dirname, "../../.."); // compiled, this file lies in bin/test/options

interface Generator {
  readonly generatedFiles: () => Promise<Readonly<Record<string, string>>>;
}

describe("what follows from the table of options", () => {
  for (const path of [
    "docs/command.md",
    "docs/configuration.md",
    "schemas/tidemark-stack.schema.json",
  ]) {
    it(`${path} says what the table says (npm run docs:update)`, async () => {
      const library = pathToFileURL(join(ROOT, "scripts/lib/generated.mjs")).href;
      const { generatedFiles } = (await import(library)) as Generator;
      const files = await generatedFiles();
      assert.equal(readFileSync(join(ROOT, path), "utf8"), files[path]);
    });
  }
});
