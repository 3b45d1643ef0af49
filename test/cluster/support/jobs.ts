/** Jobs and their pods as the API has them. */
import { getObject } from "./library";

export interface Condition {
  readonly type: string;
  readonly status: string;
}

interface Metadata {
  readonly name: string;
  readonly uid: string;
  readonly creationTimestamp: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly { readonly uid: string }[];
}

export interface Job {
  readonly metadata: Metadata;
  readonly status: {
    readonly active?: number;
    readonly completionTime?: string;
    readonly conditions?: readonly Condition[];
  };
}

export interface Pod {
  readonly metadata: Metadata;
  readonly spec: {
    readonly automountServiceAccountToken?: boolean;
    readonly containers: readonly {
      readonly env?: readonly { readonly value?: string; readonly valueFrom?: object }[];
      readonly volumeMounts?: readonly { readonly mountPath: string }[];
    }[];
  };
  readonly status: {
    readonly phase?: string;
    readonly containerStatuses?: readonly {
      readonly state?: {
        readonly waiting?: { readonly message?: string };
        readonly terminated?: { readonly message?: string };
      };
    }[];
  };
}

export async function jobsIn(namespace: string): Promise<readonly Job[]> {
  const found = await getObject<{ items: readonly Job[] }>("jobs", "-n", namespace);
  return found?.items ?? [];
}

/**
 * The Jobs that were made since: one that is replaced goes only when the `up` has succeeded.
 * @param before uids of Jobs
 */
export async function newJobs(
  namespace: string,
  before: readonly string[],
): Promise<readonly Job[]> {
  const jobs = await jobsIn(namespace);
  return jobs.filter(({ metadata }) => !before.includes(metadata.uid));
}

/** The pods of all Jobs that there are, or of those that were made since. */
export async function podsOfJobs(
  namespace: string,
  before: readonly string[] = [],
): Promise<readonly Pod[]> {
  const jobs = (await newJobs(namespace, before)).map(({ metadata }) => metadata.uid);
  const found = await getObject<{ items: readonly Pod[] }>("pods", "-n", namespace);
  return (found?.items ?? []).filter(({ metadata }) =>
    metadata.ownerReferences?.some(({ uid }) => jobs.includes(uid)),
  );
}

export const uidsOf = (jobs: readonly Job[]): readonly string[] =>
  jobs.map(({ metadata }) => metadata.uid);

export const isTrue = (job: Job, type: string): boolean =>
  (job.status.conditions ?? []).some((one) => one.type === type && one.status === "True");
