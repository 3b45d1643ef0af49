const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // micro sign
  μs: 1e-3, // Greek mu
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy;

/** What fits into Go's int64 of nanoseconds. */
const MAX_MS = (2 ** 63 - 1) / 1e6;

/**
 * Milliseconds of a duration as Go's time.ParseDuration reads it, which is what Kubernetes and its operators do:
 * "1h30m" and "1.5h" are, "1hour", "1 h" and "1d" are not.
 * @returns undefined for what Go would refuse.
 */
export function parseGoDuration(text: string): number | undefined {
  const sign = text.startsWith("-") ? -1 : 1;
  const body = text.replace(/^[-+]/, "");
  if (body === "0") return 0;
  let total = 0;
  let end = 0;
  for (const [part, amount = "0", unit = "ms"] of body.matchAll(PART)) {
    total += Number(amount) * (UNIT_MS[unit] ?? 0);
    end += part.length;
  }
  return end > 0 && end === body.length && total <= MAX_MS ? sign * total : undefined;
}
