// Where things lie. Everything local is under .tidemark/, which git ignores.
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const local = join(root, ".tidemark");

export const paths = {
  nodeModules: join(root, "node_modules"),
  bin: join(root, "bin"),
  build: join(local, "build"),
  logs: join(local, "logs"),
  lock: join(local, "lock"),
  resetLock: join(local, "reset.lock"),
  postgres: join(local, "postgres"),
  pulumiHome: join(local, "pulumi"),
  engineChoice: join(local, "engine.json"),
  state: join(local, "state"),
  stack: join(local, "stack"),
  passphrase: join(local, "passphrase"),
  pgpass: join(local, "pgpass"),
  env: join(local, "env"),
  shims: join(local, "bin"),
};

/** Makes the folder that holds local state. Others may enter it (PostgreSQL's user has to), its secrets are 0600. */
export function makeLocal() {
  mkdirSync(local, { recursive: true, mode: 0o755 });
  return local;
}
