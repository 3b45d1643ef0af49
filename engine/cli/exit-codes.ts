import type { ErrorClass } from "../core/errors";

/** Exit codes of the contract (design, "the tidemark command"), after sysexits.h. */
export const EXIT_CODES: Readonly<Record<ErrorClass, number>> = {
  usage: 64,
  migrations: 65,
  bug: 70,
  temporary: 75,
};
