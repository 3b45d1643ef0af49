// In Stryker's copy: compiles the changed sources of one folder into bin/, file by file and without a check of types.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

const { compilerOptions } = ts.readConfigFile("tsconfig.json", ts.sys.readFile).config;
const options = ts.convertCompilerOptionsFromJson(
  { ...compilerOptions, incremental: false, sourceMap: false },
  ".",
).options;

const [folder] = process.argv.slice(2);
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
  const source = join(entry.parentPath ?? entry.path, entry.name);
  const { outputText } = ts.transpileModule(readFileSync(source, "utf8"), {
    compilerOptions: options,
    fileName: source,
  });
  writeFileSync(join("bin", dirname(source), entry.name.replace(/\.ts$/, ".js")), outputText);
}
