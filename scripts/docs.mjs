// npm run docs:update: what the table of options says, in the documentation and as JSON Schema.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { helpFor } from "./lib/arguments.mjs";
import { PROGRAM, compile } from "./lib/compile.mjs";
import { command } from "./lib/failure.mjs";
import { generatedFiles } from "./lib/generated.mjs";
import { root } from "./lib/paths.mjs";
import { alone } from "./lib/set-up.mjs";
import { say } from "./lib/terminal.mjs";

helpFor(`
npm run docs:update

Writes the tables of options in docs/ and schemas/tidemark-stack.schema.json anew, from engine/options/table.ts and
config/schema.ts. A test fails where they differ.
`);

await command(async () => {
  await alone(() => compile(PROGRAM, { progress: () => {} }));
  for (const [path, text] of Object.entries(await generatedFiles())) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
    say(path);
  }
});
