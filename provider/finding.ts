import type { Knowledge } from "./pending";

/** What a check has found out of one database; of a known resource `diff`, which follows in the same process, tells it. */
export interface Finding {
  readonly knowledge: Knowledge;
  /** Why nothing is known live. */
  readonly unreachable?: string;
  readonly schemaVersion: string | null;
  readonly pending?: string;
}
