// npm run docs:update: what the table of options says, in the documentation and as JSON Schema.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { helpFor } from "./lib/arguments.mjs";
import { PROGRAM, TESTS, compile } from "./lib/compile.mjs";
import { ensureEngine } from "./lib/engine.mjs";
import { command } from "./lib/failure.mjs";
import { generatedFiles } from "./lib/generated.mjs";
import { runMocha, testEnvironmentWithEngine } from "./lib/mocha.mjs";
import { root } from "./lib/paths.mjs";
import { alone } from "./lib/set-up.mjs";
import { say, step } from "./lib/terminal.mjs";

helpFor(`
npm run docs:update [-- --samples]

With --samples: runs the samples of README.md and docs/ (some minutes), and writes what was printed where it differs. Look
at the difference, and shorten it by lines of … alone.

Otherwise writes the tables of options in docs/ and schemas/tidemark-stack.schema.json anew, from engine/options/table.ts and
config/schema.ts. A test fails where they differ.
`);

await command(async () => {
  if (process.argv.includes("--samples")) return updateSamples();
  await alone(() => compile(PROGRAM, { progress: () => {} }));
  for (const [path, text] of Object.entries(await generatedFiles())) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
    say(path);
  }
});

async function updateSamples() {
  const engine = await alone(async () => {
    await compile(TESTS, { progress: () => {} });
    return step("engine", ensureEngine);
  });
  const environment = { ...testEnvironmentWithEngine(engine), TIDEMARK_TEST_DOCS: "update" };
  const { failed } = await runMocha(["--grep", "docs: samples of"], environment);
  return failed === 0 ? 0 : 1;
}
