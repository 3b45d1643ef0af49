import type { Condition, ExternalSecret, KubernetesEvent, KubernetesObject } from "./objects";

/** The annotation by which a Secret proves which version of its ExternalSecret was written. */
export const REVISION_ANNOTATION = "tidemark.dev/revision";

/** What a Secret is to be. */
export interface WantedSecret {
  readonly namespace: string;
  /** The Secret. */
  readonly name: string;
  readonly externalSecret?: string;
  readonly revision: string;
  readonly keys: readonly string[];
}

/** What the cluster has of it. */
export interface SeenSecret {
  readonly externalSecret?: ExternalSecret;
  /** The ExternalSecret's: the condition alone says "could not update secret". */
  readonly events?: readonly KubernetesEvent[];
  readonly secret?: KubernetesObject & { readonly keys: readonly string[] };
  /** How long it has been waited for. */
  readonly waitedSeconds: number;
}

export type SyncState =
  | { readonly state: "synced"; readonly version: string }
  | { readonly state: "waiting" | "failed"; readonly why: string; readonly remedy: string };

/** A new ExternalSecret gets its first status at once, if anybody looks at it. */
const OPERATOR_SECONDS = 45;

/** How long an error stands that does not pass by itself, before the wait is given up. */
const LASTING_SECONDS = 10;

/** Whether the Secret holds what it is meant to hold by now, and if not, why. */
export function syncState(wanted: WantedSecret, seen: SeenSecret): SyncState {
  if (wanted.externalSecret !== undefined) {
    const problem = operatorProblem(wanted.externalSecret, wanted, seen);
    if (problem) return problem;
  }
  const { secret } = seen;
  if (!secret)
    return {
      state: "waiting",
      why: `the Secret ${wanted.name} does not exist`,
      remedy: `Make it, or look at what makes it: kubectl -n ${wanted.namespace} get secret ${wanted.name}`,
    };
  const revision = secret.metadata.annotations?.[REVISION_ANNOTATION];
  if (wanted.revision !== "" && revision !== wanted.revision)
    return {
      state: "waiting",
      why: `the Secret ${wanted.name} is of revision ${revision ?? "none"}, not yet ${wanted.revision}`,
      remedy: describeCommand(wanted),
    };
  const missing = wanted.keys.filter((key) => !secret.keys.includes(key));
  if (missing.length > 0)
    return {
      state: seen.waitedSeconds >= LASTING_SECONDS ? "failed" : "waiting",
      why: `the Secret ${wanted.name} lacks ${missing.map((key) => `"${key}"`).join(", ")}`,
      remedy: `It has ${secret.keys.map((key) => `"${key}"`).join(", ") || "no keys"}: add what is missing, or correct databases.<name>.migrationSecret.`,
    };
  return { state: "synced", version: secret.metadata.resourceVersion ?? "" };
}

function operatorProblem(
  name: string,
  wanted: WantedSecret,
  { externalSecret, events = [], waitedSeconds }: SeenSecret,
): SyncState | undefined {
  if (!externalSecret)
    return {
      state: waitedSeconds >= LASTING_SECONDS ? "failed" : "waiting",
      why: `there is no ExternalSecret ${name} in namespace ${wanted.namespace}`,
      remedy: "Somebody has deleted it: pulumi up --refresh makes it anew.",
    };
  const { generation = 0 } = externalSecret.metadata;
  const { conditions = [], syncedResourceVersion } = externalSecret.status ?? {};
  const ready = conditions.find(({ type }) => type === "Ready");
  if (syncedResourceVersion?.startsWith(`${generation}-`) && ready?.status !== "False")
    return undefined;
  if (ready?.status === "False") return refused(name, wanted, ready, events, waitedSeconds);
  if (conditions.length === 0 && !syncedResourceVersion)
    return {
      state: waitedSeconds >= OPERATOR_SECONDS ? "failed" : "waiting",
      why: `the External Secrets Operator has not looked at the ExternalSecret ${name}: it has no status`,
      remedy:
        "See that the operator runs (kubectl get pods -A -l app.kubernetes.io/name=external-secrets) and looks at this namespace.",
    };
  return {
    state: "waiting",
    why: `the operator has not yet written version ${generation} of the ExternalSecret ${name}`,
    remedy: describeCommand(wanted),
  };
}

/** The operator says what is wrong, in words that name the object; those that nobody else mends end the wait. */
function refused(
  name: string,
  wanted: WantedSecret,
  ready: Condition,
  events: readonly KubernetesEvent[],
  waitedSeconds: number,
): SyncState {
  const said = [ready.reason, ready.message, newestWarning(events, ready)].filter(Boolean);
  const message = said.join(": ");
  const { remedy, isLasting } = ANSWERS.find(({ words }) => words.test(message)) ?? {
    remedy: describeCommand(wanted),
    isLasting: false,
  };
  return {
    state: isLasting && waitedSeconds >= LASTING_SECONDS ? "failed" : "waiting",
    why: `the operator cannot write the ExternalSecret ${name}: ${message}`,
    remedy,
  };
}

/** The newest reason the operator gave, unless it is older than the condition. */
function newestWarning(
  events: readonly KubernetesEvent[],
  { lastTransitionTime = "" }: Condition,
): string | undefined {
  const seenAt = ({ lastTimestamp, eventTime }: KubernetesEvent) =>
    lastTimestamp ?? eventTime ?? "";
  const newest = events
    .filter((event) => event.type === "Warning" && seenAt(event) >= lastTransitionTime)
    .sort((a, b) => (seenAt(a) < seenAt(b) ? -1 : 1))
    .at(-1);
  return newest?.message;
}

const ANSWERS: readonly {
  readonly words: RegExp;
  readonly remedy: string;
  readonly isLasting: boolean;
}[] = [
  {
    words: /owned by another|already owned|not owned|is not managed|target is owned/i,
    remedy:
      "Another object owns the Secret of this name: delete that one, or give this one another name (databases.<name>.secret.name).",
    isLasting: true,
  },
  {
    words: /map has no entry for key|execute template|unable to parse|could not apply template/i,
    remedy:
      "A key of the template is not in what the vault gives: the vault's secret has to be JSON with user and password.",
    isLasting: true,
  },
  {
    words: /forbidden|403|not authorized|does not have secrets get permission|AADSTS/i,
    remedy:
      'Let the operator\'s identity read the vault: role "Key Vault Secrets User" (it takes some minutes to be known), and a service account that is federated with it.',
    isLasting: false,
  },
  {
    words: /SecretStore.*(not found|could not get|not ready)|could not get (Cluster)?SecretStore/i,
    remedy:
      "Make the SecretStore it names (tidemark:secretStore.store), or correct tidemark:secretStore.clusterSecretStore.",
    isLasting: false,
  },
  {
    words: /SecretNotFound|Secret does not exist|not found|could not be found|404/i,
    remedy:
      "Put the secret into the vault (the stack does that where it may), or correct databases.<name>.vaultSecret.",
    isLasting: false,
  },
];

function describeCommand({ namespace, externalSecret, name }: WantedSecret): string {
  return externalSecret === undefined
    ? `Look at it: kubectl -n ${namespace} get secret ${name} -o yaml`
    : `See what the operator says: kubectl -n ${namespace} describe externalsecret ${externalSecret}`;
}
