import { configurationError } from "./read-setting";
import { emptyReport, type Report } from "./report";
import { loadProvider } from "./stack/provider";
import { readStack } from "./stack/stack-settings";
import { type DatabaseStatus, statusOf } from "./stack/status";

/** Databases that are asked at a time. */
const AT_ONCE = 8;

/**
 * How all databases of a stack stand. One that cannot be asked is shown as the stack remembers it.
 * @param progress is given what is being done; "" when it is done
 * @returns a report that is not `ok` where a row has failed or a migrate would be refused
 * @throws TidemarkError (CONFIGURATION) where the stack cannot be read.
 */
export async function statusCommand(
  own: Readonly<Record<string, unknown>>,
  progress: (line: string) => void,
): Promise<Report> {
  const { stack } = own;
  if (typeof stack !== "string")
    throw configurationError("status: no stack is named.", "Add --stack <stack>.");
  const provider = await loadProvider();
  const known = await readStack(stack);
  let done = 0;
  const databases = await inTurns(known, async (database) => {
    progress(`Asked ${done} of ${known.length}, now ${database.name}`);
    const status = await statusOf(database, stack, provider);
    done++;
    return status;
  });
  progress("");
  return { ...emptyReport("status"), ok: databases.every(isSound), stack, databases };
}

const isSound = ({ failed, problems }: DatabaseStatus): boolean =>
  failed.length === 0 && problems.length === 0;

/** The results in the order of the items, a few at a time. */
async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Map<number, R>();
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return items.map((_, index) => results.get(index) as R);
}
