/** Values as the engine sends them: secrets are wrapped, what is not known yet is a marker. */
export type Properties = Record<string, unknown>;

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Stands for a value that is known after the update only. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The object without some of its keys. */
export function without(object: unknown, ...keys: readonly string[]): Properties {
  if (!isObject(object)) return {};
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

export const isObject = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSecret = (value: unknown): value is { readonly value: unknown } =>
  isObject(value) && value[SIGNATURE] === SECRET;

export const secret = (value: unknown): Properties =>
  isSecret(value) ? value : { [SIGNATURE]: SECRET, value };

/** The same without the wrappers of secrets, at any depth. */
export function reveal<T = unknown>(value: unknown): T {
  if (isSecret(value)) return reveal(value.value);
  if (Array.isArray(value)) return value.map((item) => reveal(item)) as T;
  if (!isObject(value)) return value as T;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, reveal(item)])) as T;
}

/** `value` with a wrapper wherever `pattern` has one at the same place, or above it. */
export function hideLike(pattern: unknown, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (isSecret(pattern)) return secret(reveal(value));
  if (Array.isArray(pattern) && Array.isArray(value))
    return value.map((item, index) => hideLike(pattern[index], item));
  if (!isObject(pattern) || !isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, hideLike(pattern[key], item)]),
  );
}

export function holdsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(holdsUnknown);
  return isObject(value) && Object.values(value).some(holdsUnknown);
}

/** What stands at a path of keys, if anything does. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((found, key) => {
    if (isObject(found)) return found[key];
    return Array.isArray(found) && typeof key === "number" ? (found as unknown[])[key] : undefined;
  }, value);
}
