// The environment that Pulumi runs in. Stack dev keeps its state, its passphrase and Pulumi's home in .tidemark/,
// unless the user has set others; every other stack has only what the user set.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { DEV, shortName } from "./arguments.mjs";
import { Failure } from "./failure.mjs";
import { makeLocal, paths, root } from "./paths.mjs";

/** What stack dev has unless the user set something else. */
const ours = () => ({
  PULUMI_HOME: paths.pulumiHome,
  PULUMI_BACKEND_URL: fileBackend(paths.state),
  PULUMI_CONFIG_PASSPHRASE_FILE: paths.passphrase,
  // Every SDK in node_modules makes the CLI look for its plugin; stack dev needs none.
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  PULUMI_SKIP_UPDATE_CHECK: "true",
  // The tracked Pulumi.dev.yaml holds no encryptionsalt: lib/stack.mjs says why.
  PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
});

// Pulumi takes the path as it stands, on every system with forward slashes.
const fileBackend = (folder) => `file://${decodeURIComponent(pathToFileURL(folder).pathname)}`;

/** The user's environment, without what comes from a sourced .tidemark/env. */
export function userEnvironment(env = process.env) {
  const mine = ours();
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => mine[name] !== value));
}

/** Whether state of stack dev lies under .tidemark/. */
export const isLocalBackend = (env = process.env) =>
  !userEnvironment(env).PULUMI_BACKEND_URL && !projectBackend();

/** The environment for a Pulumi command on `stack` with this engine. */
export function pulumiEnvironment({ stack, engine, env = process.env }) {
  const user = userEnvironment(env);
  const all = shortName(stack) === DEV ? { ...devDefaults(user), ...user } : user;
  delete all.PULUMI_STACK; // the commands name their stack
  return { ...all, PATH: [engine.directory, user.PATH].filter(Boolean).join(delimiter) };
}

function devDefaults(user) {
  const defaults = ours();
  if (projectBackend()) delete defaults.PULUMI_BACKEND_URL;
  const passphrase =
    user.PULUMI_CONFIG_PASSPHRASE !== undefined || user.PULUMI_CONFIG_PASSPHRASE_FILE;
  if (passphrase) delete defaults.PULUMI_CONFIG_PASSPHRASE_FILE;
  return defaults;
}

/** Makes the folders and the passphrase that stack dev relies on. */
export function prepareLocal() {
  makeLocal();
  for (const folder of [paths.pulumiHome, paths.state])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (existsSync(paths.passphrase)) return;
  writeFileSync(paths.passphrase, `${randomBytes(32).toString("hex")}\n`, {
    mode: 0o600,
    flag: "wx",
  });
}

/** Says what is missing before Pulumi runs on a stack of the user's. */
export function checkUsersStack(stack, env = process.env) {
  const user = userEnvironment(env);
  const file = `Pulumi.${shortName(stack)}.yaml`;
  if (!existsSync(join(root, file))) {
    throw new Failure(
      `there is no stack ${stack}: ${file} does not exist`,
      "See the Pulumi.<stack>.yaml files.",
    );
  }
  const backend = findBackend(user);
  if (!backend) {
    throw new Failure(
      `stack ${stack} needs a backend of your own: only stack dev keeps its state here`,
      "Log in (`pulumi login <url>`) or set PULUMI_BACKEND_URL, and run the command again.",
    );
  }
  if (/^https?:/.test(backend) || keepsOwnSecrets(file) || process.stdin.isTTY) return;
  if (user.PULUMI_CONFIG_PASSPHRASE !== undefined || user.PULUMI_CONFIG_PASSPHRASE_FILE) return;
  throw new Failure(
    `stack ${stack} needs its passphrase: only stack dev has one here`,
    "Set PULUMI_CONFIG_PASSPHRASE_FILE (or PULUMI_CONFIG_PASSPHRASE), and run the command again.",
  );
}

function findBackend(user) {
  if (user.PULUMI_BACKEND_URL) return user.PULUMI_BACKEND_URL;
  if (projectBackend()) return projectBackend();
  if (user.PULUMI_ACCESS_TOKEN) return "https:";
  return readIfThere(
    join(user.PULUMI_HOME || join(homedir(), ".pulumi"), "credentials.json"),
    (text) => JSON.parse(text).current,
  );
}

/** `backend: { url }` of Pulumi.yaml. */
const projectBackend = () =>
  readIfThere(
    join(root, "Pulumi.yaml"),
    (text) => /^backend:\s*\n(?:\s+.*\n)*?\s+url:\s*(\S+)/m.exec(text)?.[1],
  );

// A secrets provider in the cloud needs no passphrase.
const keepsOwnSecrets = (file) =>
  readIfThere(join(root, file), (text) =>
    /^secretsprovider:\s*(?!passphrase|default)\S/m.test(text),
  );

function readIfThere(file, read) {
  try {
    return read(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Writes .tidemark/env: after `. .tidemark/env` plain `pulumi preview -s dev` works in this shell. */
export function writeEnvironmentFile() {
  const { PULUMI_CONFIG_PASSPHRASE_FILE, ...others } = ours();
  if (projectBackend()) delete others.PULUMI_BACKEND_URL;
  const unlessSet = (name, value) => `[ -n "\${${name}-}" ] || export ${name}=${quote(value)}`;
  const lines = [
    "# For plain Pulumi on stack dev: . .tidemark/env",
    "# Written by the commands in scripts/. What is set already stays.",
    `case ":$PATH:" in *:${quote(paths.shims)}:*) ;; *) export PATH=${quote(paths.shims)}":$PATH" ;; esac`,
    ...Object.entries(others).map(([name, value]) => unlessSet(name, value)),
    // For the psql lines at the end of `npm run up`, which write the file.
    unlessSet("PGPASSFILE", paths.pgpass),
    `[ -n "\${PULUMI_CONFIG_PASSPHRASE+set}\${PULUMI_CONFIG_PASSPHRASE_FILE-}" ] ||`,
    `  export PULUMI_CONFIG_PASSPHRASE_FILE=${quote(PULUMI_CONFIG_PASSPHRASE_FILE)}`,
  ];
  writeFileSync(paths.env, `${lines.join("\n")}\n`, { mode: 0o600 });
  writeShim("pulumi", "scripts/pulumi.mjs");
  writeShim("tidemark", "bin/engine/cli/main.js");
}

// Plain `pulumi` (the same as `npm run pulumi --`) and `tidemark` of .tidemark/env, from wherever the clone lies.
function writeShim(name, program) {
  mkdirSync(paths.shims, { recursive: true });
  const lines = ["#!/bin/sh", `exec node "$(dirname "$0")/../../${program}" "$@"`];
  writeFileSync(join(paths.shims, name), `${lines.join("\n")}\n`, { mode: 0o755 });
}
