/**
 * The provider's real methods. Pulumi's state holds only a closure that finds this module at run time
 * (schema-version.ts), so this code can change, and import, what it likes.
 */
import type * as pulumi from "@pulumi/pulumi";

import { checkInputs } from "./check";
import { diffSchemaVersion } from "./diff";
import { describeFailure } from "./failure";
import { migrateDatabase } from "./migrate";
import { driftBetween, outputsOf, RECORDED_KEYS, recordedOf, withoutKeys } from "./recorded";
import { migratorOf } from "./target";
import type { CheckedInputs, DesiredInputs, Outputs } from "./types";

export function check(
  olds: Partial<CheckedInputs>,
  news: DesiredInputs,
): Promise<pulumi.dynamic.CheckResult> {
  return checkInputs(olds, news);
}

export async function diff(
  _id: string,
  olds: Outputs,
  news: CheckedInputs,
): Promise<pulumi.dynamic.DiffResult> {
  return { changes: await diffSchemaVersion(olds, news) };
}

export async function create(inputs: CheckedInputs): Promise<pulumi.dynamic.CreateResult> {
  return { id: inputs.name, outs: await migrateDatabase(inputs) };
}

export async function update(
  _id: string,
  _olds: Outputs,
  news: CheckedInputs,
): Promise<pulumi.dynamic.UpdateResult> {
  return { outs: await migrateDatabase(news) };
}

/**
 * Looks at the live database and names what differs from what the last update recorded; changes nothing.
 * The recorded catalog stays in the state until an update accepts the new one, so that drift is not forgotten.
 */
export async function read(id: string, props: Outputs): Promise<pulumi.dynamic.ReadResult> {
  try {
    const live = recordedOf(await migratorOf(props).observe());
    const driftFound = driftBetween(props, live);
    const { catalog, history } = props;
    const outputs = outputsOf(props, { ...live, catalog, history, driftFound });
    return { id, props: outputs, inputs: inputsAfterRefresh(props, driftFound) };
  } catch (error) {
    // Without the cause: the provider process prints what it carries, and that may hold a secret.
    // eslint-disable-next-line preserve-caught-error
    throw new Error(`${props.name}: ${describeFailure(error, props).join("\n")}`);
  }
}

/** What is pending is found anew by each check; drift is shown by the next preview as something that goes away. */
function inputsAfterRefresh(props: Outputs, driftFound: readonly string[]): CheckedInputs {
  const inputs = withoutKeys(props, [...RECORDED_KEYS, "pending", "drift"]);
  return driftFound.length > 0 ? { ...inputs, drift: driftFound.join("; ") } : inputs;
}

/** Forgets the database. Nothing in it is touched. */
export async function del(): Promise<void> {}
export { del as delete };
