// The end of `npm run up`: each database with its version, and how to connect.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { paths, root } from "./paths.mjs";
import { stackOutputs } from "./stack.mjs";
import { paint, say, table } from "./terminal.mjs";

export async function printSummary({ engine, environment, server }) {
  const { databases = {} } = await stackOutputs({ engine, environment });
  writePasswordFile(server);
  const address = (name) =>
    `postgresql://${server.user}@${server.host}:${server.port}/${encodeURIComponent(name)}`;
  const rows = inConfiguredOrder(Object.entries(databases)).map(
    ([name, { schemaVersion, applied }]) => [
      name,
      schemaVersion ?? "–",
      applied ?? "–",
      `psql "${address(name)}"`,
    ],
  );
  say();
  table(["database", "version", "applied", "connect"], rows);
  say();
  const file = relative(root, paths.pgpass);
  say(
    `${paint.bold("psql")}    export PGPASSFILE=${file} first: the password is in there${hasPsql() ? "" : " (psql is not on PATH)"}`,
  );
  say(
    `${paint.bold("pulumi")}  . ${relative(root, paths.env)}, then pulumi, tidemark and psql work in this shell`,
  );
}

// Pulumi sorts its outputs by name; the stack's file has the order that its authors chose.
function inConfiguredOrder(entries) {
  const [, databases = ""] = readFileSync(join(root, "Pulumi.dev.yaml"), "utf8").split(
    "tidemark:databases:",
  );
  const place = ([name]) => databases.search(new RegExp(`^\\s+"?${name}"?:`, "m"));
  return entries.sort((a, b) => place(a) - place(b));
}

// libpq's own format; it ignores the file unless it is 0600.
function writePasswordFile({ host, port, user, password }) {
  writeFileSync(paths.pgpass, `${host}:${port}:*:${user}:${password}\n`, { mode: 0o600 });
}

const hasPsql = () =>
  (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, "psql")));
