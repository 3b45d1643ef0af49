/** The kinds of objects that the stand-ins know: those that the program makes, and those it looks at. */
export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const kind = (apiVersion: string, name: string, plural: string, namespaced = true): Kind => ({
  apiVersion,
  kind: name,
  plural,
  namespaced,
});

const EXTERNAL_SECRETS = "external-secrets.io/v1";

/** Those that a stack may hold, with a recorded schema each. */
export const MANAGED: readonly Kind[] = [
  kind("v1", "ConfigMap", "configmaps"),
  kind("v1", "Namespace", "namespaces", false),
  kind("v1", "Secret", "secrets"),
  kind("v1", "ServiceAccount", "serviceaccounts"),
  kind("batch/v1", "Job", "jobs"),
  kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
  kind(EXTERNAL_SECRETS, "ClusterSecretStore", "clustersecretstores", false),
  kind(EXTERNAL_SECRETS, "ExternalSecret", "externalsecrets"),
  kind(EXTERNAL_SECRETS, "SecretStore", "secretstores"),
];

/** Those that only the cluster's own controllers make. */
export const OBSERVED: readonly Kind[] = [
  kind("v1", "Event", "events"),
  kind("v1", "Node", "nodes", false),
  kind("v1", "Pod", "pods"),
  kind("v1", "Service", "services"),
  kind("discovery.k8s.io/v1", "EndpointSlice", "endpointslices"),
  kind("authorization.k8s.io/v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", false),
];

/** The kind of a Pulumi type such as `kubernetes:batch/v1:Job`; `core/v1` is the API's `v1`. */
export function kindOfType(type: string): Kind {
  const [, apiVersion = "", name = ""] = type.split(":");
  const wanted = apiVersion.replace(/^core\//, "");
  const found = MANAGED.find((known) => known.apiVersion === wanted && known.kind === name);
  if (!found) throw new Error(`the Kubernetes stand-in does not know the type ${type}`);
  return found;
}

/** The path of a collection, or of one object, in the API. */
export function pathOf(
  { apiVersion, plural, namespaced }: Kind,
  namespace?: string,
  name?: string,
): string {
  const root = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
  const scope = namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${root}${scope}/${plural}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
}
