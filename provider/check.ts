// Not from the package's root: the provider process has this module already, and would load the rest for it alone.
import { unknownValue } from "@pulumi/pulumi/runtime/rpc";

import {
  compareVersions,
  type DatabaseSnapshot,
  parseVersion,
  type Plan,
  planMigrate,
  type ResolvedMigration,
  TidemarkError,
} from "../engine/index";
import { type CheckReport, logCheckReport } from "./check-report";
import { describeFailure } from "./failure";
import { describePending, migrationKey, migrationMap } from "./pending";
import { recordedOf } from "./recorded";
import { isReachable, migratorOf, optionsOf, secretsOf } from "./target";
import type { CheckedInputs, DesiredInputs, Recorded } from "./types";
import { withoutKeys } from "./without-keys";

const reports = new Map<string, CheckReport>();

/** Takes the report of the check before; undefined where there was none, as in a refresh. */
export function takeCheckReport(urn: string): CheckReport | undefined {
  const report = reports.get(urn);
  reports.delete(urn);
  return report;
}

/**
 * Reads files and database, never writes: adds to the inputs the migrations that the folders hold and what an update
 * would do. An unreachable database is no failure here, since a preview has to work without.
 */
export async function checkInputs(
  olds: Partial<CheckedInputs>,
  news: DesiredInputs,
): Promise<{ inputs: CheckedInputs; failures: { property: string; reason: string }[] }> {
  if (hasUnknowns(news)) return { inputs: { ...news, pending: unknownValue }, failures: [] };
  try {
    const { report, migrations } = await examine(olds, news);
    const isNew = olds.name === undefined; // then no diff follows
    if (isNew) await logCheckReport(news, report);
    else reports.set(news.resourceUrn, report);
    const inputs: CheckedInputs = { ...news, migrations: migrationMap(migrations) };
    return {
      inputs: report.pending ? { ...inputs, pending: report.pending } : inputs,
      failures: [],
    };
  } catch (error) {
    const failures = describeFailure(error, secretsOf(news)).map((reason) => ({
      property: "",
      reason: `${news.name}: ${reason}`,
    }));
    return { inputs: news, failures };
  }
}

/** A Job that is yet to be named changes nothing of what is pending; without asking the database, nor does its address. */
function hasUnknowns(inputs: DesiredInputs): boolean {
  const { locations, options } = inputs;
  const needed = isReachable(inputs) ? withoutKeys(inputs, ["job"]) : { locations, options };
  return JSON.stringify(needed).includes(unknownValue);
}

interface Examined {
  readonly report: CheckReport;
  readonly migrations: readonly ResolvedMigration[];
}

async function examine(olds: Partial<CheckedInputs>, news: DesiredInputs): Promise<Examined> {
  if (!isReachable(news)) return examineFiles(olds, news);
  const migrator = migratorOf(news);
  try {
    if (news.locations.length === 0)
      return withoutMigrations(recordedOf(await migrator.observe(), secretsOf(news)));
    const observe = olds.name !== undefined; // a new resource has nothing to compare with
    const { plan, migrations, observation } = await migrator.plan({ observe });
    const pending = describePending(plan, "live");
    const live = observation && recordedOf(observation, secretsOf(news));
    return { report: { knowledge: "live", schemaVersion: plan.from, pending, live }, migrations };
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error;
    const isNew = error.place.sqlState === DATABASE_ABSENT && news.createDatabase;
    if (!isNew && !mayPass(error)) throw error;
    const { migrations } = await migrator.resolve();
    const report = isNew
      ? reportOfNewDatabase(news, migrations)
      : remember(olds, migrations, describeFailure(error, secretsOf(news))[0] ?? "");
    return { report, migrations };
  }
}

/** A database that is not to be asked. */
async function examineFiles(olds: Partial<CheckedInputs>, news: DesiredInputs): Promise<Examined> {
  if (news.locations.length === 0)
    return { report: { knowledge: "remembered", schemaVersion: null }, migrations: [] };
  const { migrations } = await migratorOf(news).resolve();
  return { report: remember(olds, migrations), migrations };
}

function withoutMigrations(live: Recorded): Examined {
  const { schemaVersion } = live;
  return { report: { knowledge: "live", schemaVersion, live }, migrations: [] };
}

const DATABASE_ABSENT = "3D000";

/** A wrong password or a missing grant is the user's to mend; what may pass by itself must not stop a preview. */
function mayPass(error: TidemarkError): boolean {
  return error.code === "DB_CONNECTION" && error.class === "temporary";
}

/** A database that the update will create is empty. */
function reportOfNewDatabase(
  news: DesiredInputs,
  migrations: readonly ResolvedMigration[],
): CheckReport {
  const options = optionsOf(news);
  const [schema = "public"] = [options.defaultSchema, ...options.schemas].filter(
    (s) => s !== undefined,
  );
  const snapshot: DatabaseSnapshot = {
    database: news.database,
    user: news.user,
    serverVersion: 0,
    defaultSchema: schema,
    table: options.table,
    schemas: [schema],
    missingSchemas: schema === "public" ? [] : [schema],
    nonEmptySchemas: [],
    historyExists: false,
    applied: [],
  };
  const plan = planMigrate(migrations, snapshot, options);
  if (plan.failure) throw plan.failure;
  const pending = describePending(plan, "live");
  const whole =
    news.locations.length > 0 && pending
      ? `create the database, ${pending}`
      : "create the database (live)";
  return { knowledge: "live", schemaVersion: null, pending: whole };
}

/** What an update would do by the files of the last one: those that are new or changed since then. */
function remember(
  olds: Partial<CheckedInputs>,
  migrations: readonly ResolvedMigration[],
  unreachable?: string,
): CheckReport {
  const known = olds.migrations ?? {};
  const fresh = migrations.filter((m) => known[migrationKey(m)] !== m.checksum);
  const from = Object.keys(known).map(versionOfKey).reduce(laterOf, "") || null;
  const plan: Plan = {
    steps: fresh.map((migration) => ({ kind: "apply", migration, outOfOrder: false })),
    from,
    to: [from ?? "", ...fresh.map((m) => m.version?.text ?? "")].reduce(laterOf, "") || null,
  };
  return {
    knowledge: "remembered",
    unreachable,
    schemaVersion: from,
    pending: describePending(plan, "remembered"),
  };
}

/** The version that a key of the map begins with; "" for a repeatable. */
function versionOfKey(key: string): string {
  const [padded = ""] = key.split(" ", 1);
  return padded === "R"
    ? ""
    : padded
        .split(".")
        .map((part) => part.replace(/^0+(?=\d)/, ""))
        .join(".");
}

function laterOf(a: string, b: string): string {
  const [x, y] = [parseVersion(a), parseVersion(b)];
  if (!x || !y) return x ? a : b;
  return compareVersions(x, y) >= 0 ? a : b;
}
