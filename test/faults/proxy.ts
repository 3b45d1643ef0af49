/** A TCP proxy before PostgreSQL that cuts the connections, calls somebody at a given byte, or goes silent. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export type Direction = "up" | "down";

export class Proxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #passed: Record<Direction, number> = { up: 0, down: 0 };
  readonly #silent = new Set<Socket>();
  #silentForAll = false;
  #trigger: { direction: Direction; at: number; act: () => void } | undefined;

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#server = createServer((client) =>
      this.#accept(client, connect(target.port, target.host)),
    );
  }

  /** @param host the address to listen on */
  static async open(
    target: { readonly host: string; readonly port: number },
    host = "127.0.0.1",
  ): Promise<Proxy> {
    const proxy = new Proxy(target);
    proxy.#server.listen(0, host);
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Bytes that have gone each way. */
  get passed(): Readonly<Record<Direction, number>> {
    return this.#passed;
  }

  /** Calls `act` once `at` bytes, and no more, have gone this way (counted over all connections). */
  when(direction: Direction, at: number, act: () => void): void {
    this.#trigger = { direction, at, act };
  }

  /** Ends all connections: by a reset, or by an orderly end of both sides. */
  cut(how: "reset" | "end"): void {
    for (const pair of this.#pairs)
      for (const socket of pair) {
        if (how === "reset") socket.resetAndDestroy();
        else socket.destroy();
      }
  }

  /**
   * Forwards nothing more, in neither direction, and closes nothing: as a load balancer that has forgotten its flows, or
   * a network that is gone.
   * @param which the connections that there are, or new ones, too: they are accepted, and that is all
   */
  silence(which: "existing" | "all"): void {
    this.#silentForAll = which === "all";
    for (const pair of this.#pairs) this.#hush(pair);
  }

  #hush(pair: readonly [Socket, Socket]): void {
    for (const socket of pair) {
      this.#silent.add(socket);
      socket.pause(); // what arrives stays in the system's buffers, until they are full
    }
  }

  async close(): Promise<void> {
    this.cut("end");
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(client: Socket, server: Socket): void {
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on("error", () => undefined); // its close is what counts
      socket.on("close", () => {
        this.#pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
    client.on("data", (data) => this.#pass("up", data, server));
    server.on("data", (data) => this.#pass("down", data, client));
    if (this.#silentForAll) this.#hush(pair);
  }

  #pass(direction: Direction, data: Buffer, to: Socket): void {
    if (this.#silent.has(to)) return; // it was under way already
    const before = this.#passed[direction];
    const trigger = this.#trigger;
    const isDue = trigger?.direction === direction && before + data.length >= trigger.at;
    if (!isDue) {
      this.#passed[direction] += data.length;
      to.write(data);
      return;
    }
    this.#trigger = undefined;
    const first = data.subarray(0, Math.max(0, trigger.at - before));
    this.#passed[direction] += data.length;
    // What goes on before the cut has to have left; what comes after may be lost with it.
    to.write(first, () => {
      trigger.act();
      if (!to.destroyed && !this.#silent.has(to)) to.write(data.subarray(first.length));
    });
  }
}
