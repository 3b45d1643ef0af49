import { chmodSync } from "node:fs";

const NOBODY = 65534;

/** Runs `work` as one to whom permissions mean something: the superuser may read everything. */
export async function withoutPrivileges<T>(folder: string, work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  chmodSync(folder, 0o755);
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
