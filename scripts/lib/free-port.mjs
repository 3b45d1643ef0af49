// A TCP port on 127.0.0.1 that nothing listens on.
import { createHash } from "node:crypto";
import { connect, createServer } from "node:net";
import { Failure } from "./failure.mjs";

export const HOST = "127.0.0.1";

// Below the range from which systems take ports for outgoing connections: what is free now stays free.
const FIRST = 15_432;
const COUNT = 1_000;

/** The first free port after a start that depends on `seed`, so that two clones do not race for one. */
export async function findFreePort(seed, except = []) {
  const start = createHash("sha256").update(seed).digest().readUInt32BE(0) % COUNT;
  for (let offset = 0; offset < COUNT; offset += 1) {
    const port = FIRST + ((start + offset) % COUNT);
    if (!except.includes(port) && (await isFree(port))) return port;
  }
  throw new Failure(
    `no port between ${FIRST} and ${FIRST + COUNT - 1} is free`,
    "Stop what listens there (`ss -ltnp` lists it).",
  );
}

export async function isFree(port) {
  return !(await answers(port)) && (await canListen(port));
}

// Some systems let two programs listen on one port, one on all addresses and one on this: so ask as well.
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: HOST, timeout: 500 });
    const end = (result) => (socket.destroy(), resolve(result));
    socket
      .on("connect", () => end(true))
      .on("timeout", () => end(true))
      .on("error", () => end(false));
  });
}

function canListen(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}
