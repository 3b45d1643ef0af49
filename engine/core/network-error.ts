const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "the host name is unknown",
  EAI_AGAIN: "the host name cannot be looked up now",
  ETIMEDOUT: "no answer in time",
  EHOSTUNREACH: "there is no route to the host",
  ENETUNREACH: "there is no route to the network",
  ECONNRESET: "the connection was reset",
};

/** What Node says of a connection that failed. */
export interface NetworkError {
  /** `ECONNREFUSED` and the like; "" where there is none. */
  readonly code: string;
  readonly said: string;
  /** The code in words, or else what was said. */
  readonly reason: string;
}

/** Of several addresses that were tried, the first one's error. */
export function networkError(error: unknown): NetworkError {
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const code = first instanceof Error && "code" in first ? String(first.code) : "";
  const said = first instanceof Error ? first.message : String(first);
  return { code, said, reason: REASONS[code] ?? said };
}
