// npm run render: the Kubernetes manifests that a stack would apply, for review.
import { resolve } from "node:path";
import { helpFor, shortName, splitStack } from "./lib/arguments.mjs";
import { PROGRAM, compile } from "./lib/compile.mjs";
import { command, usage } from "./lib/failure.mjs";
import { checkNode, installDependencies } from "./lib/install.mjs";
import { asDocument, manifests, writeManifests } from "./lib/render-manifests.mjs";
import { NO_IMAGE, recordStack } from "./lib/render-program.mjs";
import { alone } from "./lib/set-up.mjs";

helpFor(`
npm run render -- --stack <stack> [--out <folder>]

Writes the Kubernetes manifests that the stack would apply, as YAML documents on stdout or, with --out, as files. Needs
no cluster, no Azure, no Pulumi engine and no passphrase: secrets are blanked, and what only the vault or the cluster
knows (versions, and names that have a hash of them) is a placeholder.

  npm run --silent render -- --stack staging
  npm run render -- --stack production --out manifests
`);

await command(async () => {
  const { stack, out } = readArguments(process.argv.slice(2));
  checkNode();
  const quiet = { progress: () => {} };
  await alone(async () => {
    await installDependencies(quiet);
    await compile(PROGRAM, quiet);
  });
  const { registrations } = await recordStack(shortName(stack), { preview: true });
  const documents = manifests(registrations);
  if (out === undefined) process.stdout.write(documents.map(asDocument).join(""));
  else writeManifests(resolve(process.env.INIT_CWD ?? process.cwd(), out), documents);
  const count = documents.length === 1 ? "1 manifest" : `${documents.length} manifests`;
  if (documents.some((document) => JSON.stringify(document).includes(NO_IMAGE))) {
    console.error(
      `stack ${stack} names no image yet; ${NO_IMAGE} stands for it. Remedy: pulumi config set --path tidemark:job.image <name@sha256:…>`,
    );
  }
  console.error(`stack ${stack}: ${count}${out === undefined ? "" : ` in ${out}`}`);
});

function readArguments(args) {
  const { stack, rest } = splitStack(args);
  if (rest.length === 0) return { stack };
  const [flag, out = ""] = rest[0].startsWith("--out=")
    ? ["--out", rest[0].slice("--out=".length), ...rest.slice(1)]
    : rest;
  const isAll = rest.length === (rest[0] === "--out" ? 2 : 1);
  if (flag === "--out" && out !== "" && isAll) return { stack, out };
  throw usage(`not understood: ${rest.join(" ")}`, "npm run render -- --help");
}
