import { setTimeout as sleep } from "node:timers/promises";

import type { Client } from "pg";

import { disagreements } from "./model";
import type { Project } from "./project";
import { assertNone, readState } from "./state";

/** Looks at the database again and again while runs are under way. */
export class Watch {
  #goesOn = true;
  readonly #done: Promise<number>;

  constructor(project: Project, client: Client, attempts: number) {
    this.#done = this.#look(project, client, attempts);
    this.#done.catch(() => undefined); // stop() throws it
  }

  stop(): Promise<number> {
    this.#goesOn = false;
    return this.#done;
  }

  async #look(project: Project, client: Client, attempts: number): Promise<number> {
    let looks = 0;
    for (; this.#goesOn; looks++) {
      assertNone(disagreements(project, await readState(client), attempts));
      await sleep(20);
    }
    return looks;
  }
}
