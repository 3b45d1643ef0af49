import { networkError, TidemarkError } from "../../engine/index";
import type { Status } from "./objects";

/** A failure on the way to, or an answer of, the Kubernetes API. Holds no credentials. */
export class KubernetesError extends TidemarkError {
  /** HTTP status; undefined: there was no answer. */
  readonly status: number | undefined;

  constructor(
    kind: "usage" | "temporary",
    message: string,
    remedy: string,
    details: { readonly status?: number } = {},
  ) {
    super({ code: kind === "usage" ? "CONFIGURATION" : "ERROR", class: kind, message, remedy });
    this.status = details.status;
  }
}

/** What was asked of the API: for messages, in the words of RBAC. */
export interface Question {
  /** get, list, create, delete. */
  readonly verb: string;
  /** Plural, with a subresource if there is one: `pods/portforward`. */
  readonly resource: string;
  /** API group; "": the core. */
  readonly group: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** What a refusal means to the user. */
export function refusal(
  { verb, resource, group, namespace, name }: Question,
  server: string,
  status: number,
  said: Status,
): KubernetesError {
  const object = [resource, name].filter(Boolean).join(" ");
  const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
  const words = said.message ? `: ${said.message}` : "";
  if (status === 401)
    return new KubernetesError(
      "usage",
      `The Kubernetes API ${server} does not accept the credentials of the kubeconfig (401).`,
      "Log in again (for example az aks get-credentials, kubelogin), or correct tidemark:kubernetes (kubeconfig, context).",
      { status },
    );
  if (status === 403 && !isQuotaOrAdmission(said))
    return new KubernetesError(
      "usage",
      `The Kubernetes API ${server} forbids to ${verb} ${object}${where} (403)${words}`,
      `Grant it, with a Role${namespace === undefined ? " of the cluster" : ` in ${namespace}`}: apiGroups ["${group}"], resources ["${resource}"], verbs ["${verb}"].`,
      { status },
    );
  if (status === 404)
    return new KubernetesError(
      "usage",
      `There is no ${object}${where} in the cluster ${server}.`,
      "Check name, namespace and context of the kubeconfig.",
      { status },
    );
  const passes = status === 429 || status >= 500 || status === 409;
  return new KubernetesError(
    passes ? "temporary" : "usage",
    `The Kubernetes API ${server} refused to ${verb} ${object}${where} (${status})${words}`,
    passes ? "Try again." : "Correct what it names.",
    { status },
  );
}

/** Both come with 403, and no Role helps against them. */
function isQuotaOrAdmission({ message = "" }: Status): boolean {
  return /exceeded quota|violates PodSecurity|admission webhook/.test(message);
}

/** No answer at all. */
export function unreachable(error: unknown, server: string): KubernetesError {
  const { code, said, reason } = networkError(error);
  if (/certificate|self.signed|altnames|SSL|TLS/i.test(`${said} ${code}`))
    return new KubernetesError(
      "usage",
      `No TLS connection to the Kubernetes API ${server}: ${said}.`,
      "Check certificate-authority, tls-server-name and client certificate in the kubeconfig.",
    );
  return new KubernetesError(
    "temporary",
    `The Kubernetes API ${server} cannot be reached: ${reason}.`,
    "Check that the cluster runs and that this machine may reach it (VPN, private cluster), and kubeconfig and context (tidemark:kubernetes).",
  );
}
