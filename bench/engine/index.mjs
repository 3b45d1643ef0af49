// The engine by its command: beside psql, which does nothing but run the SQL, and other programs that migrate.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { largeFiles } from "./large-files.mjs";
import { manyFiles } from "./many-files.mjs";
import { nothingToDo } from "./nothing-to-do.mjs";
import { smallMigrationsSection } from "./small-migrations.mjs";

export const engineGroup = {
  title: "Engine",
  sections: [smallMigrationsSection, ...nothingToDo, ...largeFiles, manyFiles],

  /** Runs `work` with a folder of its own added to the context. */
  async around(context, work) {
    const folder = mkdtempSync(join(tmpdir(), "tidemark-bench-"));
    chmodSync(folder, 0o755);
    try {
      await work({ ...context, folder });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
