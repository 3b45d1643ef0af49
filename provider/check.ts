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
import { resourceLog } from "./engine-log";
import { describeFailure } from "./failure";
import { peers } from "./peers";
import { describePending, migrationKey, migrationMap } from "./pending";
import { pulumiCommand } from "./pulumi-command";
import { type Live, liveOf } from "./recorded";
import { isReachable, migratorOf, optionsOf, secretsOf } from "./target";
import type { CheckedInputs, DesiredInputs } from "./types";
import { isAbsent, mayCreate, vanished } from "./vanished";
import { withoutKeys } from "./without-keys";

/** What the check before has found; a fault has been said already. */
type Checked = CheckReport | "fault";

const reports = new Map<string, Checked>();

/** Takes the report of the check before; undefined where there was none, as in a refresh. */
export function takeCheckReport(urn: string): Checked | undefined {
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
): Promise<CheckedInputs> {
  peers.sign();
  if (hasUnknowns(news)) return { ...news, pending: unknownValue };
  try {
    const { report, migrations } = await examine(olds, news);
    const isNew = olds.name === undefined; // then no diff follows
    if (isNew) await logCheckReport(news, report);
    else reports.set(news.resourceUrn, report);
    const inputs: CheckedInputs = { ...news, migrations: migrationMap(migrations) };
    return report.pending ? { ...inputs, pending: report.pending } : inputs;
  } catch (error) {
    return withFault(news, describeFailure(error, secretsOf(news), news).join("\n"));
  }
}

/**
 * A failure of the check would end the whole preview at this database. So the fault is an input, which the program reads
 * back and fails with at its end (SchemaVersion). The preview of an `up` must not fail, or the sound databases would get
 * nothing: there it is a warning, and the update fails by itself.
 */
async function withFault(news: DesiredInputs, fault: string): Promise<CheckedInputs> {
  reports.set(news.resourceUrn, "fault");
  if (pulumiCommand() !== "up") return { ...news, fault: `${news.name}: ${fault}` };
  await resourceLog(news.resourceUrn).warning(`${news.name} will fail: ${fault}`);
  return news;
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
      return withoutMigrations(liveOf(await migrator.observe(), secretsOf(news)));
    const observe = olds.name !== undefined; // a new resource has nothing to compare with
    const { plan, migrations, observation } = await migrator.plan({ observe });
    const pending = describePending(plan, "live");
    const live = observation && liveOf(observation, secretsOf(news));
    return { report: { knowledge: "live", schemaVersion: plan.from, pending, live }, migrations };
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error;
    const isKnown = olds.name !== undefined;
    const isNew = isAbsent(error) && mayCreate(news, isKnown);
    if (isAbsent(error) && isKnown && !isNew) throw vanished(news);
    if (!isNew && !mayPass(error)) throw error;
    const { migrations } = await migrator.resolve();
    if (isNew) return reportOfNewDatabase(news, migrations);
    return remember(olds, news, migrations, describeFailure(error, secretsOf(news))[0] ?? "");
  }
}

/** A database that is not to be asked. */
async function examineFiles(olds: Partial<CheckedInputs>, news: DesiredInputs): Promise<Examined> {
  if (news.locations.length === 0)
    return { report: { knowledge: "remembered", schemaVersion: null }, migrations: [] };
  const { migrations } = await migratorOf(news).resolve();
  return remember(olds, news, migrations);
}

function withoutMigrations(live: Live): Examined {
  const { schemaVersion } = live;
  return { report: { knowledge: "live", schemaVersion, live }, migrations: [] };
}

/** A wrong password or a missing grant is the user's to mend; what may pass by itself must not stop a preview. */
function mayPass(error: TidemarkError): boolean {
  return error.code === "DB_CONNECTION" && error.class === "temporary";
}

/** A database that the update will create is empty. */
async function reportOfNewDatabase(
  news: DesiredInputs,
  migrations: readonly ResolvedMigration[],
): Promise<Examined> {
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
    otherHistories: [],
    historyExists: false,
    applied: [],
  };
  const plan = planMigrate(migrations, snapshot, options);
  if (plan.failure) throw plan.failure;
  await refusePendingUnreadable(news, plan);
  const pending = describePending(plan, "live");
  const whole =
    news.locations.length > 0 && pending
      ? `create the database, ${pending}`
      : "create the database (live)";
  return { report: { knowledge: "live", schemaVersion: null, pending: whole }, migrations };
}

/** What the database would have been asked with the plan; without it only the files can be read. */
async function refusePendingUnreadable(news: DesiredInputs, { steps }: Plan): Promise<void> {
  const pending = steps.flatMap((step) => (step.kind === "apply" ? [step.migration] : []));
  await migratorOf(news).refuseUnreadable(pending);
}

/** What an update would do by the files of the last one: those that are new or changed since then. */
async function remember(
  olds: Partial<CheckedInputs>,
  news: DesiredInputs,
  migrations: readonly ResolvedMigration[],
  unreachable?: string,
): Promise<Examined> {
  const known = olds.migrations ?? {};
  const fresh = migrations.filter((m) => known[migrationKey(m)] !== m.checksum);
  const from = Object.keys(known).map(versionOfKey).reduce(laterOf, "") || null;
  const plan: Plan = {
    steps: fresh.map((migration) => ({ kind: "apply", migration, outOfOrder: false })),
    from,
    to: [from ?? "", ...fresh.map((m) => m.version?.text ?? "")].reduce(laterOf, "") || null,
  };
  await refusePendingUnreadable(news, plan);
  const pending = describePending(plan, "remembered");
  const report = { knowledge: "remembered", unreachable, schemaVersion: from, pending } as const;
  return { report, migrations };
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
