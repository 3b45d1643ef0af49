import type { JobOptions } from "../core/stack-options";

/** What one migration Job runs: the file job.json of its ConfigMap. Holds no secret. */
export interface JobSpec {
  readonly formatVersion: 1;
  /** In the order in which they run. */
  readonly databases: readonly JobDatabase[];
}

/** One database of a Job. */
export interface JobDatabase {
  /** Its name in the stack's configuration. */
  readonly name: string;
  /** Names of the environment variables that hold the URL and, where the URL has no credentials, user and password. */
  readonly environment: {
    readonly url: string;
    readonly user?: string;
    readonly password?: string;
    /** JSON with the options that may hold a secret: placeholders, initSql. */
    readonly secretOptions?: string;
  };
  readonly sslmode: string;
  /** File beside job.json. */
  readonly sslrootcert?: string;
  readonly createDatabase: boolean;
  /** Folders, relative to that of the bundle (ConfigMap) or to the image's working directory; empty: none. */
  readonly locations: readonly string[];
  readonly options: JobOptions;
}
