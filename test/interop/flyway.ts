import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

import type { Config } from "../flyway/command";
import type { GoldenStep } from "../flyway/corpus";

/** What real Flyway did: a step of a golden, made just now. */
export interface FlywayAnswer extends Pick<
  GoldenStep,
  "exit" | "errorCode" | "message" | "invalidMigrations" | "result"
> {
  /** Of info, in the order of its list. */
  readonly sources?: readonly { readonly script: string; readonly checksum: number | null }[];
}

export interface FlywayRequest {
  readonly command: string;
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly config: Readonly<Record<string, string>>;
}

/** Real Flyway: one Java process that serves any number of requests, also at the same time. */
export class Flyway {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: FlywayAnswer) => void>();
  #requests = 0;
  #stderr = "";

  private constructor(classpath: string) {
    const options = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m"];
    const surroundings = ["-Dfile.encoding=UTF-8", "-Duser.timezone=UTC"];
    const args = [...options, ...surroundings, "-cp", classpath, "FlywayDriver"];
    // The locale decides in which encoding Java reads file names.
    this.#process = spawn("java", args, { env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" } });
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#stderr += text));
    this.#process.setMaxListeners(0);
    const { stdout } = this.#process;
    if (stdout) createInterface(stdout).on("line", (line) => this.#hear(line));
  }

  static start(): Flyway {
    const classpath = process.env.TIDEMARK_FLYWAY_CLASSPATH;
    if (!classpath) throw new Error("these tests are run by `npm run test:interop`");
    return new Flyway(classpath);
  }

  run(request: FlywayRequest): Promise<FlywayAnswer> {
    const id = ++this.#requests;
    return new Promise((done, failed) => {
      this.#process.once("exit", () => failed(new Error(`Flyway has ended: ${this.#stderr}`)));
      this.#waiting.set(id, done);
      this.#process.stdin?.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }

  #hear(line: string): void {
    const { id, ...answer } = JSON.parse(line) as FlywayAnswer & { id: number };
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }

  stop(): void {
    this.#process.removeAllListeners("exit");
    this.#process.stdin?.end();
    this.#process.kill();
  }
}

/** Flyway's properties as text; a list is of folders below that of the migrations. */
export function toProperties(config: Config, files: string): Record<string, string> {
  const properties: Record<string, string> = { locations: `filesystem:${files}` };
  for (const [key, value] of Object.entries(config)) {
    properties[key] = Array.isArray(value)
      ? value.map((folder) => `filesystem:${join(files, String(folder))}`).join(",")
      : String(value);
  }
  return properties;
}
