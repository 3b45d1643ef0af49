import { setTimeout as sleep } from "node:timers/promises";

/** Within this time the engine has passed on what a program has registered. */
const QUIET_MS = 2000;
const LOOK_EVERY_MS = 50;

/** The updates of one provider process. */
export class Peers {
  #running = 0;
  #lastSign = Date.now();

  /** Something of another resource has been seen: more updates may follow. */
  sign(): void {
    this.#lastSign = Date.now();
  }

  /**
   * Runs one update. Its failure is held back until the others have ended: the engine starts no further step after a
   * failed one (without --continue-on-error), so that one faulty database would keep the sound ones from their
   * migrations.
   * @throws what `work` throws
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#running++;
    this.sign();
    try {
      const result = await work();
      this.#end();
      return result;
    } catch (error) {
      this.#end();
      await this.#othersEnd();
      throw error;
    }
  }

  #end(): void {
    this.#running--;
    this.sign();
  }

  async #othersEnd(): Promise<void> {
    while (this.#running > 0 || Date.now() - this.#lastSign < QUIET_MS) await sleep(LOOK_EVERY_MS);
  }
}

/** All databases of a stack share one provider process. */
export const peers = new Peers();
