// Brings the cluster up: every step waits until the next one can rely on it.
import { readFileSync } from "node:fs";
import { Failure } from "../../../scripts/lib/failure.mjs";
import { choosePorts, nodeAddress, readPorts } from "./address.mjs";
import { makeCertificates } from "./certificates.mjs";
import { lastWords, logFile, pidOf } from "./daemons.mjs";
import { down } from "./down.mjs";
import { NODE, PAUSE_IMAGE, home } from "./home.mjs";
import { prepareKernel } from "./kernel.mjs";
import { tryKubectl } from "./kubectl.mjs";
import { writeNodeSettings } from "./node-settings.mjs";
import {
  PROGRAMS,
  startApi,
  startControllers,
  startNode,
  startOperator,
  startRuntime,
  startStore,
} from "./programs.mjs";
import { run, waitUntil } from "./run.mjs";
import { ctr } from "./runtime.mjs";

const CRDS = ["externalsecrets", "secretstores", "clustersecretstores"];

/** Starts what does not run. Half a cluster, which a killed script may leave, is taken down first. */
export async function up(progress) {
  if (process.getuid?.() !== 0)
    throw new Failure("the test cluster needs root", "Containers of pods cannot be made without.");
  const running = PROGRAMS.filter(pidOf);
  if (running.length === PROGRAMS.length) return "runs already";
  await down();
  const settings = { address: await nodeAddress(), ports: await choosePorts() };
  await makeCertificates(settings);
  writeNodeSettings(settings);
  await prepareKernel();
  try {
    await bringUp(settings, progress);
  } catch (error) {
    throw explain(error);
  }
  return `ready on ports ${Object.values(readPorts()).join(", ")}`;
}

async function bringUp(settings, progress) {
  progress("API server");
  startStore(settings);
  startRuntime();
  startApi(settings);
  await waitUntil("the API server", 90, () => succeeds(["get", "--raw", "/readyz"]));
  progress("controllers, node");
  startControllers(settings);
  await waitUntil("containerd", 30, async () => (await ctr(["version"])) !== undefined);
  const images = await ctr(["images", "ls", "-q"]);
  if (!images?.split("\n").includes(PAUSE_IMAGE))
    await run("ctr", [...ctr.to, "images", "import", home.program("pause.tar")]);
  startNode(settings);
  progress("operator");
  const crds = ["apply", "--server-side", "--force-conflicts", "-f", home.crds];
  await run(home.program("kubectl"), crds, {
    env: { ...process.env, KUBECONFIG: home.kubeconfig },
  });
  const established = CRDS.map((name) => `crd/${name}.external-secrets.io`);
  const wait = ["wait", "--for=condition=Established", "--timeout=1s", ...established];
  await waitUntil("the operator's kinds", 60, () => succeeds(wait));
  startOperator();
  await waitUntil("the node", 120, isNodeReady);
  await waitUntil("the service account", 30, () => succeeds(["get", "serviceaccount", "default"]));
  await waitUntil("the operator", 60, () => operatorWorks());
}

const succeeds = async (args) => (await tryKubectl(args)).code === 0;

async function isNodeReady() {
  const path = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
  return (await tryKubectl(["get", "node", NODE, "-o", path])).stdout === "True";
}

export const operatorWorks = () =>
  /"Starting workers".*"controller":"externalsecret"/.test(
    readFileSync(logFile("external-secrets"), "utf8"),
  );

/** Which of the programs has died, and its last words. */
function explain(error) {
  const dead = PROGRAMS.filter((name) => !pidOf(name) && lastWords(name));
  const words = dead.map((name) => `${name} has ended:\n${lastWords(name)}`);
  return new Failure([error.message, ...words].join("\n"), `All logs are in ${home.logs}.`);
}
