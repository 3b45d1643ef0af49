// A copy of this checkout to measure in, so that the developer's own stack and server stay as they are.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureEngine, pulumiHome } from "../../scripts/lib/engine.mjs";
import { Failure } from "../../scripts/lib/failure.mjs";
import { paths, root } from "../../scripts/lib/paths.mjs";
import { capture } from "../../scripts/lib/processes.mjs";
import { cleanEnvironment } from "../lib/measure.mjs";
import { smallMigrations, writeVersioned } from "../lib/scripts.mjs";
import { tell } from "../lib/tell.mjs";

/** Makes the copy in `folder`, brings its stack dev up, runs `work` with it, and removes it. */
export async function withClone(folder, work) {
  const { value: engine } = await ensureEngine({ progress: tell, note: tell });
  await removeClone(folder);
  const clone = new Clone(folder, engine);
  try {
    await clone.make();
    await work(clone);
  } finally {
    await removeClone(folder);
  }
}

async function removeClone(folder) {
  if (existsSync(join(folder, "scripts"))) {
    const { purgeServer } = await moduleOf(folder, "postgres-server.mjs");
    await purgeServer({ home: join(folder, ".tidemark", "postgres") });
  }
  rmSync(folder, { recursive: true, force: true });
}

const moduleOf = (folder, name) => import(pathToFileURL(join(folder, "scripts", "lib", name)));

class Clone {
  #engine;

  constructor(folder, engine) {
    this.folder = folder;
    this.#engine = engine;
    this.pulumi = engine.binary;
  }

  async make() {
    tell("  copying this checkout");
    await copyTracked(this.folder);
    await linkModules(this.folder);
    tell("  its first npm run up");
    await this.run(process.execPath, [join("scripts", "up.mjs")]);
    const { pulumiEnvironment } = await moduleOf(this.folder, "environment.mjs");
    this.environment = pulumiEnvironment({
      stack: "dev",
      engine: this.#engine,
      env: this.setUpEnvironment,
    });
  }

  /** For the scripts: the engine that is there already, and nothing that the user has set. */
  get setUpEnvironment() {
    const clean = cleanEnvironment();
    const path = `${this.#engine.directory}:${clean.PATH}`;
    return { ...clean, PATH: path, PULUMI_HOME: pulumiHome() };
  }

  /** Brings up a stack with so many databases (default one), each of so many migrations. */
  async addStack(name, count, { databases = 1 } = {}) {
    const names = Array.from({ length: databases }, (_, index) => `${name}-${index + 1}`);
    for (const database of names)
      writeVersioned(join(this.folder, "migrations", database), smallMigrations(count));
    writeFileSync(join(this.folder, `Pulumi.${name}.yaml`), stackFile(names));
    await this.bringUp(name, this.folder);
  }

  /** Makes a project beside ours whose stack has no database, no resource, and one output. */
  async addTinyProject() {
    const folder = join(this.folder, ".tidemark", "tiny");
    mkdirSync(join(folder, "bin"), { recursive: true });
    copyFileSync(join(this.folder, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    writeFileSync(join(folder, "package.json"), '{ "name": "tiny", "main": "bin/index.js" }\n');
    writeFileSync(join(folder, "bin", "index.js"), TINY_PROGRAM);
    symlinkSync(join(this.folder, "node_modules"), join(folder, "node_modules"));
    await this.bringUp("tiny", folder);
    return folder;
  }

  async bringUp(stack, cwd) {
    tell(`  bringing up stack ${stack}`);
    const flags = ["--non-interactive", "--stack", stack];
    await this.run(this.pulumi, ["stack", "init", stack, "--non-interactive"], cwd);
    await this.run(this.pulumi, ["up", "--yes", ...flags], cwd);
  }

  async run(program, args, cwd = this.folder) {
    const env = this.environment ?? this.setUpEnvironment;
    const { code, stdout, stderr } = await capture(program, args, { cwd, env });
    if (code === 0) return;
    throw new Failure(`${program} ${args.join(" ")} failed:\n${(stdout + stderr).slice(-3000)}`);
  }
}

const TINY_PROGRAM = `"use strict";
const pulumi = require("@pulumi/pulumi");
exports.answer = pulumi.output(42);
`;

const stackFile = (databases) => `config:
  tidemark:server:
    file: .tidemark/postgres/server.json
    sslmode: disable
  tidemark:secretStore:
    kind: plain
  tidemark:createDatabase: true
  tidemark:databases:
${databases.map((name) => `    ${name}: {}\n`).join("")}`;

async function copyTracked(folder) {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { code, stdout, stderr } = await capture("git", args, { cwd: root });
  if (code !== 0) throw new Failure(`git ls-files failed:\n${stderr}`);
  for (const file of stdout.split("\0").filter(Boolean)) {
    if (!existsSync(join(root, file))) continue; // deleted, and not committed yet
    mkdirSync(join(folder, dirname(file)), { recursive: true, mode: 0o755 });
    copyFileSync(join(root, file), join(folder, file));
  }
}

// By hard links where the system has them: it takes a second instead of a minute.
async function linkModules(folder) {
  const target = join(folder, "node_modules");
  const { code } = await capture("cp", ["-al", paths.nodeModules, target]);
  if (code === 0) return;
  rmSync(target, { recursive: true, force: true });
  cpSync(paths.nodeModules, target, { recursive: true, verbatimSymlinks: true });
}
