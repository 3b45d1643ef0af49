import type { z } from "zod";

import type { jobSpecSchema } from "./read-spec";

/** What one migration Job runs: the file job.json of its ConfigMap. Holds no secret. */
export type JobSpec = z.infer<typeof jobSpecSchema>;

/** One database of a Job. */
export type JobDatabase = JobSpec["databases"][number];
