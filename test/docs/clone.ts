/** A fresh clone in which the samples of a document run, one after another, as in one shell. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { REPOSITORY } from "./blocks";

/** What stands in a sample for something of the reader's own → what it is here; `<port>` is that of stack dev. */
const STAND_INS: Readonly<Record<string, string>> = {
  "jdbc:postgresql://db:5432/": "jdbc:postgresql://127.0.0.1:<port>/",
  "FLYWAY_USER=app": "FLYWAY_USER=tidemark",
  "FLYWAY_USER=reader": "FLYWAY_USER=tidemark",
  "FLYWAY_PASSWORD=…": "FLYWAY_PASSWORD=<password>",
};

/** `psql <url> -c <SQL>`, since not every machine that runs the tests has psql; it finds PGPASSFILE, too. */
const PSQL = `#!/usr/bin/env node
const { Client } = require(${JSON.stringify(join(REPOSITORY, "node_modules", "pg"))});
const [url, flag, sql] = process.argv.slice(2);
if (flag !== "-c" || !sql) throw new Error("psql <url> -c <SQL> is all that this one knows");
const client = new Client({ connectionString: url });
client.connect().then(() => client.query(sql)).then(() => client.end()).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
`;

const NOT_IN_A_CLONE = new Set(["node_modules", ".tidemark", ".git", "bin"]);

export interface Printed {
  readonly code: number;
  readonly text: string;
}

export class Clone {
  readonly #root = mkdtempSync(join(tmpdir(), "tidemark-docs-"));
  readonly #folder = join(this.#root, "tidemark");
  readonly #programs = join(this.#root, "programs");

  constructor() {
    cpSync(REPOSITORY, this.#folder, {
      recursive: true,
      filter: (path) =>
        dirname(path) !== REPOSITORY || !NOT_IN_A_CLONE.has(path.slice(REPOSITORY.length + 1)),
    });
    // `npm ci` and its download are not what is tested here.
    symlinkSync(join(REPOSITORY, "node_modules"), join(this.#folder, "node_modules"));
    mkdirSync(this.#programs);
    writeFileSync(join(this.#programs, "psql"), PSQL, { mode: 0o755 });
  }

  /** Runs the commands until one fails; variables and folder stay for the next ones. */
  async run(commands: string): Promise<Printed> {
    const [environment, here] = [join(this.#root, "environment"), join(this.#root, "here")];
    const script = [
      `[ ! -f '${environment}' ] || . '${environment}'`,
      `[ ! -f '${here}' ] || cd "$(cat '${here}')"`,
      `trap 'code=$?; export -p > '\\''${environment}'\\''; pwd > '\\''${here}'\\''; exit $code' EXIT`,
      "set -e",
      this.#withStandIns(commands),
    ].join("\n");
    const child = spawn("bash", ["-c", script], {
      cwd: this.#folder,
      env: surroundings(this.#programs),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const heard: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => heard.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => heard.push(chunk));
    const closed = once(child, "close");
    const [code] = (await once(child, "exit")) as [number | null];
    // A PostgreSQL that goes on may hold the pipes open.
    await Promise.race([closed, sleep(1000, undefined, { ref: false })]);
    return { code: code ?? -1, text: Buffer.concat(heard).toString() };
  }

  write(path: string, text: string): void {
    const file = join(this.#folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  #withStandIns(commands: string): string {
    const file = join(this.#folder, ".tidemark/postgres/server.json");
    const { port, password } = existsSync(file)
      ? (JSON.parse(readFileSync(file, "utf8")) as { port: number; password: string })
      : { port: 0, password: "" };
    return Object.entries(STAND_INS).reduce(
      (text, [written, here]) =>
        text.replaceAll(
          written,
          here.replace("<port>", String(port)).replace("<password>", password),
        ),
      commands,
    );
  }

  async close(): Promise<void> {
    await this.run(`cd '${this.#folder}' && npm run down -- --purge --force`);
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** PATH (with the Pulumi engine) and the like; nothing of the user's databases and backends. */
function surroundings(programs: string): NodeJS.ProcessEnv {
  const foreign = /^(PULUMI_|FLYWAY_|TIDEMARK_|PG[A-Z]|DATABASE_URL$|npm_|NODE_OPTIONS$)/;
  const entries = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  // node_modules/.bin has an npm package `pulumi`, which downloads the engine at its first use.
  const others = (process.env.PATH ?? "").split(delimiter).filter((p) => !/node_modules/.test(p));
  const path = [programs, ...others].join(delimiter);
  return { ...Object.fromEntries(entries), PATH: path, NO_COLOR: "1" };
}
