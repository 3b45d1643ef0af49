// kubectl of the test cluster, with its administrator's kubeconfig.
import { Failure } from "../../../scripts/lib/failure.mjs";
import { capture } from "../../../scripts/lib/processes.mjs";
import { home } from "./home.mjs";

/** What it prints. */
export async function kubectl(args, { input } = {}) {
  const { code, stdout, stderr } = await tryKubectl(args, { input });
  if (code === 0) return stdout;
  throw new Failure(`kubectl ${args.join(" ")}: ${stderr.trim()}`, "See the logs of the cluster.");
}

/** `{ code, stdout, stderr }`. */
export function tryKubectl(args, { input } = {}) {
  const env = { ...process.env, KUBECONFIG: home.kubeconfig };
  return capture(home.program("kubectl"), args, { env, input });
}
