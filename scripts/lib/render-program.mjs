// The program of a stack of this repository, run on its Pulumi.<stack>.yaml without an engine.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parse } from "yaml";
import { Failure } from "./failure.mjs";
import { local, paths, root } from "./paths.mjs";
import { UNKNOWN, record } from "./render-recorder.mjs";

const require = createRequire(import.meta.url);

/** Stands for every secret value. */
export const BLANK = "(secret)";

/** A server for stacks that take theirs from a file that another command writes. */
const NO_SERVER = { host: "127.0.0.1", port: 5432, user: "postgres", password: BLANK };

/** Stands for the Job's image in a stack that does not name one yet. */
export const NO_IMAGE = "registry.invalid/tidemark:not-set";

/** Runs the compiled program: `{ result, registrations }`. */
export async function recordStack(stack, { preview }) {
  // Whatever cluster the user's own kubeconfig names: nothing is to be asked of it.
  process.env.KUBECONFIG = join(local, "no-kubeconfig");
  process.chdir(root);
  return record({ stack, preview, config: stackConfig(stack), answer: answerOf(preview) }, () => {
    const { schemaVersions, databases } = require(join(paths.bin, "index.js"));
    return { schemaVersions, databases };
  }).catch((error) => {
    if (error?.__pulumiRunError || error?.name === "RunError") throw new Failure(error.message);
    throw error;
  });
}

/** Key → text, as Pulumi hands it to a program; every secret blanked. */
export function stackConfig(stack) {
  const file = join(root, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) {
    throw new Failure(
      `there is no stack ${stack}: Pulumi.${stack}.yaml does not exist`,
      "See the Pulumi.<stack>.yaml files.",
    );
  }
  const { config = {} } = parse(readFileSync(file, "utf8")) ?? {};
  const values = blanked(config);
  const server = values["tidemark:server"] ?? {};
  const { file: serverFile, ...address } = server;
  values["tidemark:server"] = serverFile
    ? { ...NO_SERVER, ...address }
    : { password: BLANK, ...address };
  values["tidemark:job"] = { image: NO_IMAGE, ...values["tidemark:job"] };
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

/** `{ secure: … }` is what Pulumi writes for an encrypted value. */
function blanked(value) {
  if (Array.isArray(value)) return value.map(blanked);
  if (typeof value !== "object" || value === null) return value;
  if (typeof value.secure === "string" && Object.keys(value).length === 1) return BLANK;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, blanked(inner)]));
}

/** What the providers would answer; in a preview nobody knows versions yet. */
function answerOf(preview) {
  const known = (value) => (preview ? UNKNOWN : value);
  return (type, name, inputs) => {
    switch (type) {
      case "azure-native:keyvault:Secret":
        return {
          properties: {
            secretUriWithVersion: known(
              `https://${inputs.vaultName}.vault.azure.net/secrets/${inputs.secretName}/version`,
            ),
          },
        };
      case "pulumi-nodejs:tidemark:SyncedSecret":
        return { version: known("1000") };
      case "pulumi-nodejs:tidemark:SchemaVersion":
        return { schemaVersion: known("1"), fingerprint: known("fingerprint"), applied: known(1) };
      default:
        return {};
    }
  };
}
