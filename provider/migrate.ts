import {
  ensureDatabase,
  type EventSink,
  migrateAndValidate,
  type Migrator,
  scrubEvent,
  TidemarkError,
} from "../engine/index";
import { isEngineGone, type ResourceLog, resourceLog } from "./engine-log";
import { describeFailure, describeProgress, describeStanding, PartialFailure } from "./failure";
import { outputsOf, recordedOf } from "./recorded";
import { connectionOf, migratorOf, secretsOf } from "./target";
import type { CheckedInputs, Outputs } from "./types";
import { isAbsent, mayCreate, vanished } from "./vanished";

/**
 * Brings the database to where the inputs want it: create where allowed, baseline, migrate, validate, look.
 * @param olds what the state has; undefined: the resource is new
 * @throws PartialFailure with what is in the database now, or, where it cannot be asked, a plain error.
 */
export async function migrateDatabase(inputs: CheckedInputs, olds?: Outputs): Promise<Outputs> {
  const log = resourceLog(inputs.resourceUrn);
  const pendingLogs: Promise<void>[] = [];
  const migrator = migratorOf(inputs, {
    emit: reportTo(log, inputs, pendingLogs),
    beforeMigration: stopWithoutParent,
  });
  try {
    if (mayCreate(inputs, olds !== undefined) && (await ensureDatabase(connectionOf(inputs)))) {
      await log.info(`${inputs.name}: database "${inputs.database}" created`);
    }
    if (inputs.locations.length > 0) await migrateAndValidate(migrator);
    return outputsOf(inputs, recordedOf(await migrator.observe(), secretsOf(inputs)));
  } catch (error) {
    const failure = olds && isAbsent(error) ? vanished(inputs, olds.schemaVersion) : error;
    throw await failureWith(failure, inputs, migrator);
  } finally {
    await Promise.all(pendingLogs);
  }
}

async function failureWith(
  error: unknown,
  inputs: CheckedInputs,
  migrator: Migrator,
): Promise<Error> {
  const reasons = [
    ...describeFailure(error, secretsOf(inputs), inputs),
    ...describeProgress(error),
  ];
  const now = await migrator.observe().then(
    (observation) => recordedOf(observation, secretsOf(inputs)),
    () => undefined,
  );
  if (!now) return new Error(reasons.join("\n"));
  reasons.push(describeStanding(inputs.name, now));
  return new PartialFailure(inputs.name, outputsOf(inputs, now), reasons);
}

const PARENT = process.ppid;

/** A provider outlives a CLI that was killed: it must not go on changing a database that nobody watches. */
export function stopWithoutParent(): void {
  if (process.ppid === PARENT && !isEngineGone()) return;
  throw new TidemarkError({
    code: "ERROR",
    class: "temporary",
    message:
      "Stopped before the next migration: the Pulumi process that started this run has ended.",
    remedy: "Run pulumi up again; it goes on from what is applied.",
  });
}

function reportTo(log: ResourceLog, inputs: CheckedInputs, sent: Promise<void>[]): EventSink {
  const secrets = secretsOf(inputs);
  const say = (how: keyof ResourceLog, message: string): void => {
    sent.push(log[how](`${inputs.name}: ${message}`));
  };
  /** In the row itself, which names the database already and is narrow. */
  const show = (message: string): void => void sent.push(log.status(message));
  return (given) => {
    const event = scrubEvent(given, secrets);
    switch (event.kind) {
      case "waitingForLock":
        return say("status", `waiting for another migrator, ${event.holder}`);
      case "blocked":
        // As a line that stays, too: in the row the next status takes its place.
        say("info", `waits for ${event.blockers}: ${event.script}`);
        return show(`waits for ${event.blockers}: ${event.script}`);
      case "waitingForTable":
        return say(
          "warning",
          `waits for ${event.blockers}: ${event.script}, try ${event.attempt} of ${event.of}`,
        );
      case "schemasCreated":
        return say("info", `created schema ${event.schemas.join(", ")}`);
      case "historyCreated":
        return say("status", `created ${event.table}`);
      case "historyAdopted":
        return say("info", `took over the empty history table ${event.table}`);
      case "baselined":
        return say("info", `baselined at ${event.version} "${event.description}"`);
      case "applying":
        return say("status", `applying ${event.index} of ${event.of}: ${event.migration.script}`);
      case "applied":
        return say("info", `applied ${event.migration.script} (${event.executionTimeMs} ms)`);
      case "notice":
        return event.severity === "WARNING" ? say("warning", event.message) : undefined;
      case "warning":
        return say("warning", event.message);
    }
  };
}
