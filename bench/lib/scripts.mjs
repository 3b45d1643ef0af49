// Migrations to measure with: what real folders hold, in the form that each program wants.
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** The SQL of `count` small migrations: a table, a column for it, an index, a comment, and so on. */
export function smallMigrations(count) {
  return Array.from({ length: count }, (_, index) => smallMigration(index));
}

function smallMigration(index) {
  const table = `account_${index >> 2}`;
  switch (index % 4) {
    case 0:
      return `-- Accounts of one kind.
CREATE TABLE ${table} (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
`;
    case 1:
      return `ALTER TABLE ${table} ADD COLUMN email text, ADD COLUMN verified boolean NOT NULL DEFAULT false;\n`;
    case 2:
      return `CREATE UNIQUE INDEX ${table}_email ON ${table} (lower(email));\n`;
    default:
      return `COMMENT ON TABLE ${table} IS 'Accounts of kind ${index >> 2}';\n`;
  }
}

const five = (number) => String(number).padStart(5, "0");
const FIRST_TIME = 20_200_101_000_000;

function write(folder, files) {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  return folder;
}

/** `V1__step.sql` and so on: ours and Flyway's. */
export const writeVersioned = (folder, scripts) =>
  write(
    folder,
    scripts.map((sql, index) => [`V${index + 1}__step_${five(index + 1)}.sql`, sql]),
  );

/** For psql: each with a transaction around it. Returns the paths. */
export function writeWrapped(folder, scripts) {
  const files = scripts.map((sql, index) => [
    `${five(index + 1)}.sql`,
    `BEGIN;\n${sql}\nCOMMIT;\n`,
  ]);
  write(folder, files);
  return files.map(([name]) => join(folder, name));
}

export const writeDbmate = (folder, scripts) =>
  write(
    folder,
    scripts.map((sql, index) => [
      `${FIRST_TIME + index}_step.sql`,
      `-- migrate:up\n${sql}\n-- migrate:down\n`,
    ]),
  );

export const writeNodePgMigrate = (folder, scripts) =>
  write(
    folder,
    scripts.map((sql, index) => [
      `${1_577_836_800_000 + index}_step.sql`,
      `-- Up Migration\n${sql}\n-- Down Migration\n`,
    ]),
  );

/** graphile-migrate's committed migrations: each names the hash of the one before. Returns the project's folder. */
export function writeGraphileMigrate(folder, scripts) {
  let previous = "";
  const files = scripts.map((sql, index) => {
    const text = `${previous}\n${sql.trim()}`.trim();
    const hash = `sha1:${createHash("sha1").update(`${text}\n`).digest("hex")}`;
    const head = `--! Previous: ${previous || "-"}\n--! Hash: ${hash}\n`;
    previous = hash;
    return [`${String(index + 1).padStart(6, "0")}.sql`, `${head}\n${sql}`];
  });
  write(join(folder, "migrations", "committed"), files);
  write(join(folder, "migrations"), [["current.sql", ""]]);
  write(folder, [[".gmrc", "{}\n"]]);
  return folder;
}

/** One file of INSERTs, one row each, as `pg_dump --inserts` writes them; at least `bytes` long. */
export function writeInserts(file, bytes) {
  const table =
    "CREATE TABLE measurement (id bigint, sensor text, taken_at timestamptz, value numeric);\n";
  return writeRows(
    file,
    table,
    "",
    (index) => {
      const [sensor, time, value] = measurement(index);
      return `INSERT INTO measurement VALUES (${index}, '${sensor}', '${time}', ${value});\n`;
    },
    (length) => length >= bytes,
  );
}

/** One file with a COPY of `rows` rows. */
export function writeCopy(file, rows) {
  const head =
    "CREATE TABLE measurement (id bigint, sensor text, taken_at timestamptz, value numeric);\n" +
    "COPY measurement (id, sensor, taken_at, value) FROM stdin;\n";
  const row = (index) => `${index}\t${measurement(index).join("\t")}\n`;
  return writeRows(file, head, "\\.\n", row, (_, index) => index >= rows);
}

function measurement(index) {
  const second = String(index % 60).padStart(2, "0");
  const minute = String(((index / 60) | 0) % 60).padStart(2, "0");
  return [`sensor-${index % 997}`, `2026-01-01 12:${minute}:${second}+00`, (index * 37) % 10_007];
}

/** Returns how many bytes were written. */
function writeRows(file, head, tail, row, isEnough) {
  const descriptor = openSync(file, "w", 0o644);
  let length = writeSync(descriptor, head);
  let chunk = "";
  for (let index = 0; !isEnough(length + chunk.length, index); index += 1) {
    chunk += row(index);
    if (chunk.length < 1 << 20) continue;
    length += writeSync(descriptor, chunk);
    chunk = "";
  }
  length += writeSync(descriptor, chunk + tail);
  closeSync(descriptor);
  return length;
}
