// containerd's own command, for images; Kubernetes' are in the namespace k8s.io.
import { home } from "./home.mjs";
import { attempt, run } from "./run.mjs";

const TO = ["-a", home.containerdSocket, "-n", "k8s.io"];

/** What it prints, or undefined where it fails. */
export async function ctr(args) {
  const result = await attempt("ctr", [...TO, ...args]);
  return result?.code === 0 ? result.stdout : undefined;
}
ctr.to = TO;

/** Loads an OCI layout or docker archive (tar) into the node, under the names it holds. */
export const loadImage = (tar) => run("ctr", [...TO, "images", "import", tar]);

export const removeImage = (name) => ctr(["images", "rm", name]);
