// What is written from the table of options (engine/options/table.ts) and from the schema of stacks, and never by hand:
// tables of the documentation, the JSON Schema of stack files. Reads the compiled program.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import prettier from "prettier";
import { paths, root } from "./paths.mjs";

const require = createRequire(import.meta.url);
const compiled = (file) => require(join(paths.bin, file));

/** Path → text of every file that is written, whole or in part, as it has to be. */
export async function generatedFiles() {
  const documents = {
    "docs/command.md": { flags: flagTable(), variables: quietVariables() },
    "docs/configuration.md": configurationTables(),
  };
  const { stackFileSchema } = compiled("config/json-schema.js");
  const files = Object.entries(documents).map(([path, parts]) => [path, filled(path, parts)]);
  files.push(["schemas/tidemark-stack.schema.json", JSON.stringify(stackFileSchema())]);
  const formatted = files.map(async ([path, text]) => {
    const options = await prettier.resolveConfig(join(root, path));
    return [path, await prettier.format(text, { ...options, filepath: path })];
  });
  return Object.fromEntries(await Promise.all(formatted));
}

/** The document with each part between its marks replaced. */
function filled(path, parts) {
  return Object.entries(parts).reduce(
    (text, [name, part]) => {
      const marks = new RegExp(`(<!-- options: ${name} .*-->\n)[^]*?(<!-- end -->)`);
      if (!marks.test(text)) throw new Error(`${path} has no place for the part ${name}`);
      return text.replace(marks, (_, begin, end) => `${begin}\n${part}\n\n${end}`);
    },
    readFileSync(join(root, path), "utf8"),
  );
}

function flagTable() {
  const { SETTINGS, flagOf, isSetBy, variableOf } = compiled("engine/cli/settings.js");
  const { written } = compiled("engine/options/written.js");
  const rows = SETTINGS.filter((setting) => isSetBy(setting, "flag")).map((setting) => {
    const isMap = setting.kind === "map";
    const value = written(setting, setting.default);
    return [
      code(isMap ? `${flagOf(setting)} name=value` : flagOf(setting)),
      code(isMap ? `${variableOf(setting)}_<NAME>` : variableOf(setting)),
      setting.unset ?? code(value === "[]" ? "" : bare(value)),
      setting.help,
    ];
  });
  rows.push([code("--json"), "", "", "one JSON object on stdout, nothing else there"]);
  return table(["flag", "variable", "default", "what"], rows);
}

/** Lists in the command are comma-separated. */
const bare = (value) => (value.startsWith('["') ? JSON.parse(value).join(",") : value);

function quietVariables() {
  const { SETTINGS, isSetBy, variableOf } = compiled("engine/cli/settings.js");
  const quiet = SETTINGS.filter((setting) => !isSetBy(setting, "flag")).map(variableOf);
  return `Accepted as variables and file keys only: ${quiet.map(code).join(", ")}.`;
}

function configurationTables() {
  const { databaseSchema, serverSchema, stackSchema } = compiled("config/schema.js");
  const { jobSchema } = compiled("config/job-schema.js");
  const { vaultSchema } = compiled("config/secret-store-schema.js");
  return {
    stack: keyTable(stackSchema, "tidemark:"),
    server: keyTable(serverSchema),
    vault: keyTable(vaultSchema),
    job: keyTable(jobSchema),
    database: keyTable(databaseSchema),
  };
}

/** A row for each key that has something to be said of. */
function keyTable(schema, prefix = "") {
  const rows = Object.entries(schema.shape)
    .map(([key, field]) => [code(`${prefix}${key}`), field.meta() ?? {}, field])
    .filter(([, { description }]) => description !== undefined)
    .map(([key, { unset, description }, field]) => [key, unset ?? defaultOf(field), description]);
  return table(["key", "default", "what"], rows);
}

/** What the schema itself takes where the key is absent; maps with defaults inside are shown as the empty one. */
function defaultOf(field) {
  const { defaultValue } = field.def;
  return code(typeof defaultValue === "string" ? defaultValue : JSON.stringify(defaultValue));
}

const code = (text) => (text === "" ? "" : `\`${text}\``);

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
