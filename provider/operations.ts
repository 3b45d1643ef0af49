/**
 * The provider's real methods. Pulumi's state holds only a closure that finds this module at run time
 * (schema-version.ts), so this code can change, and import, what it likes.
 */
import type * as pulumi from "@pulumi/pulumi";

import { checkInputs } from "./check";
import { diffSchemaVersion } from "./diff";
import { acceptDrift } from "./drift";
import { resourceLog } from "./engine-log";
import { describeFailure } from "./failure";
import { recordJob } from "./job-run";
import { migrateDatabase } from "./migrate";
import { peers } from "./peers";
import { outputsOf, RECORDED_KEYS, recordedOf, refreshed } from "./recorded";
import { isReachable, migratorOf, secretsOf } from "./target";
import type { CheckedInputs, DesiredInputs, Outputs } from "./types";
import { isAbsent, vanished } from "./vanished";
import { withoutKeys } from "./without-keys";

export async function check(
  olds: Partial<CheckedInputs>,
  news: DesiredInputs,
): Promise<pulumi.dynamic.CheckResult> {
  return { inputs: await checkInputs(olds, news), failures: [] };
}

export async function diff(
  _id: string,
  olds: Outputs,
  news: CheckedInputs,
): Promise<pulumi.dynamic.DiffResult> {
  return { changes: await diffSchemaVersion(olds, news) };
}

export async function create(inputs: CheckedInputs): Promise<pulumi.dynamic.CreateResult> {
  return { id: inputs.name, outs: await run(inputs) };
}

export async function update(
  _id: string,
  olds: Outputs,
  news: CheckedInputs,
): Promise<pulumi.dynamic.UpdateResult> {
  return { outs: await run(news, olds) };
}

function run(inputs: CheckedInputs, olds?: Outputs): Promise<Outputs> {
  return peers.run(async () => {
    if (olds) await acceptDrift(olds, inputs);
    return inputs.runner === "job" ? recordJob(inputs, olds) : migrateDatabase(inputs, olds);
  });
}

/**
 * Looks at the live database and names what differs from what the last update recorded; changes nothing.
 * A database that is not to be asked (reach none) keeps what is recorded.
 */
export async function read(id: string, props: Outputs): Promise<pulumi.dynamic.ReadResult> {
  if (!isReachable(props)) {
    const version = props.schemaVersion ?? "no version";
    const log = resourceLog(props.resourceUrn);
    await log.info(`${props.name}: at ${version}, nothing asked (remembered; reach none)`);
    return { id, props, inputs: inputsAfterRefresh(props, props.driftFound) };
  }
  try {
    const observation = await migratorOf(props).observe();
    if (observation.unread !== undefined)
      await resourceLog(props.resourceUrn).warning(`${props.name}: ${observation.unread}`);
    const recorded = refreshed(props, recordedOf(observation, secretsOf(props)));
    const outputs = outputsOf(withoutKeys(props, RECORDED_KEYS), recorded);
    return { id, props: outputs, inputs: inputsAfterRefresh(props, recorded.driftFound) };
  } catch (given) {
    const error = isAbsent(given) ? vanished(props, props.schemaVersion) : given;
    // Without the cause: the provider process prints what it carries, and that may hold a secret.
    // eslint-disable-next-line preserve-caught-error
    throw new Error(`${props.name}: ${describeFailure(error, secretsOf(props), props).join("\n")}`);
  }
}

/** What is pending is found anew by each check; drift is shown by the next preview as something that goes away. */
function inputsAfterRefresh(props: Outputs, driftFound: readonly string[]): CheckedInputs {
  const inputs = withoutKeys(props, [...RECORDED_KEYS, "pending", "drift"]);
  return driftFound.length > 0 ? { ...inputs, drift: driftFound.join("; ") } : inputs;
}

/** Forgets the database. Nothing in it is touched, and the resource's own row says so. */
export async function del(_id: string, props: Partial<Outputs>): Promise<void> {
  const { resourceUrn, name, database } = props;
  if (resourceUrn === undefined || name === undefined) return; // the state of a resource half made
  await resourceLog(resourceUrn).info(
    `${name}: forgotten, nothing is dropped: database "${database ?? name}" stays as it is`,
  );
}
export { del as delete };
