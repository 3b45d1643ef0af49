import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { escapeIdentifier } from "pg";

import type { Connection } from "../core/connection";
import { TidemarkError } from "../core/errors";
import type { EngineOptions } from "../core/options";
import { nameFiles } from "../core/resolve";
import { compareVersions, parseVersion } from "../core/version";
import { findFiles } from "../files/locations";
import { Migrator } from "../run/migrator";
import { cleanDump } from "./dump-clean";
import { findPgDump, runPgDump } from "./pg-dump";
import { configurationError } from "./read-setting";
import { emptyReport, type Report } from "./report";
import type { ResolvedSettings } from "./resolve-settings";

type Own = Readonly<Record<string, unknown>>;

/**
 * Writes the schema of a live database as a first migration, by pg_dump; `--output -` gives it as the report's `sql`.
 * @throws TidemarkError where there is no pg_dump that is new enough, and where a file of that version is there already.
 */
export async function dumpCommand(
  own: Own,
  { connection, options }: Pick<ResolvedSettings, "connection" | "options">,
): Promise<Report> {
  const target = connection();
  refuseTunnel(target);
  const version = textOf(own.version) ?? "1";
  if (!parseVersion(version))
    throw configurationError(`--version: "${version}" is no version.`, "Write numbers with dots.");
  const description = textOf(own.description) ?? "baseline";
  const path = await pathOf(own, options, version, description);
  const snapshot = await new Migrator({ connection: target, options }).snapshot();
  const server = Math.floor(snapshot.serverVersion / 10_000);
  const program = await findPgDump(server, process.env, textOf(own.pgDump));
  const history = `${escapeIdentifier(snapshot.defaultSchema)}.${escapeIdentifier(snapshot.table)}`;
  const { sql, warnings } = cleanDump(
    await runPgDump(program, target, argumentsFor(own, options, history)),
  );
  const placeholders = options.placeholderReplacement && sql.includes(options.placeholderPrefix);
  const report = {
    ...emptyReport("dump"),
    database: snapshot.database,
    warnings,
    version,
    description,
    name: textOf(own.database) ?? snapshot.database,
  };
  if (path === undefined) return { ...report, sql };
  await mkdir(dirname(path), { recursive: true });
  await write(path, sql);
  if (placeholders) await write(`${path}.conf`, "placeholderReplacement=false\n");
  return { ...report, path };
}

function refuseTunnel({ stream }: Connection): void {
  if (!stream) return;
  throw configurationError(
    "This database is reached through a tunnel, which pg_dump cannot use.",
    "Open one that lasts (kubectl port-forward) and give its end: --url postgresql://localhost:5432/….",
  );
}

/** undefined: to stdout. */
async function pathOf(
  own: Own,
  options: EngineOptions,
  version: string,
  description: string,
): Promise<string | undefined> {
  const output = textOf(own.output);
  if (output === "-") return undefined;
  if (output !== undefined) return output;
  const database = textOf(own.database);
  if (database === undefined)
    throw configurationError(
      "Where is the file to go?",
      "Give --database platform for migrations/platform, or --output FILE, or --output - for stdout.",
    );
  const folder = join(textOf(own.folder) ?? "migrations", database);
  await refuseSameVersion(folder, version, options);
  const { sqlMigrationPrefix, sqlMigrationSeparator, sqlMigrationSuffixes } = options;
  const words = description.trim().replace(/[^\p{L}\p{N}]+/gu, "_");
  const name = `${sqlMigrationPrefix}${version}${sqlMigrationSeparator}${words}`;
  return join(folder, `${name}${sqlMigrationSuffixes[0] ?? ""}`);
}

async function refuseSameVersion(
  folder: string,
  text: string,
  options: EngineOptions,
): Promise<void> {
  const wanted = parseVersion(text);
  const { files } = await findFiles([folder], false);
  for (const { path, meaning } of nameFiles(files, options)) {
    const isSame =
      (meaning.kind === "versioned" || meaning.kind === "baseline") &&
      wanted !== undefined &&
      compareVersions(meaning.version, wanted) === 0;
    if (isSame)
      throw configurationError(
        `${path} has version ${text} already, and is not overwritten.`,
        "Remove it, or give another --version.",
      );
  }
}

function argumentsFor(own: Own, options: EngineOptions, history: string): string[] {
  return [
    ...["--schema-only", "--no-password", "--no-tablespaces", "--no-subscriptions"],
    ...(own.withOwners === true ? [] : ["--no-owner"]),
    ...(own.withGrants === true ? [] : ["--no-privileges"]),
    `--exclude-table=${history}`,
    ...options.schemas.map((schema) => `--schema=${escapeIdentifier(schema)}`),
  ];
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: "wx" });
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === "EEXIST";
    throw new TidemarkError({
      code: "ERROR",
      class: "usage",
      message: exists
        ? `${path} is there already, and is not overwritten.`
        : `${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      remedy: "Give another --output, or remove the file.",
      cause,
    });
  }
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
