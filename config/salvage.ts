import { type StackEntry, stackSchema } from "./schema";

type Path = readonly PropertyKey[];

/**
 * What is left of a configuration without all that the schema refuses: good for finding what else is wrong with it, and
 * for nothing else. undefined: nothing that could be looked at.
 */
export function salvage(values: Readonly<Record<string, unknown>>): StackEntry | undefined {
  const rest = structuredClone(values) as Record<string, unknown>;
  for (;;) {
    const parsed = stackSchema.safeParse(rest);
    if (parsed.success) return parsed.data;
    const removed = parsed.error.issues.map((issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => remove(rest, [...issue.path, key])).some(Boolean)
        : remove(rest, issue.path),
    );
    if (removed.some(Boolean)) continue;
    if (rest.secretStore !== undefined) return undefined;
    rest.secretStore = { kind: "plain" };
  }
}

/** Removes the value at the path; where there is none, what should have held it; of a list, the whole of it. */
function remove(root: object, path: Path): boolean {
  for (let length = path.length; length > 0; length--) {
    const holder = path.slice(0, length - 1).reduce<unknown>(child, root);
    const key = path[length - 1] as PropertyKey;
    if (Array.isArray(holder) || child(holder, key) === undefined) continue;
    return Reflect.deleteProperty(holder as object, key);
  }
  return false;
}

function child(holder: unknown, key: PropertyKey): unknown {
  return typeof holder === "object" && holder !== null
    ? (holder as Record<PropertyKey, unknown>)[key]
    : undefined;
}
