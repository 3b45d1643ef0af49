/**
 * What all scenarios share: the cluster that runs already, an operator that reads a vault of ours, and a door by which
 * pods reach the test server of PostgreSQL.
 */
import { strict as assert } from "node:assert";
import { readFileSync, truncateSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";

import { escapeLiteral } from "pg";

import { type DataPlane, serveDataPlane } from "../../plugins/azure/data-plane";
import { KeyVault } from "../../plugins/azure/key-vault";
import { StackServer } from "../../support/stack-server";
import { DATABASES } from "../../support/staging-project";
import { clusterLibrary } from "./library";

export class Lab {
  readonly server: StackServer;
  readonly plane: DataPlane;
  readonly door: Door;
  /** The image of the tidemark command, which the node has. */
  readonly image: string;
  /** An image without the command, which the node has too. */
  readonly baseImage: string;
  readonly #operator: OperatorEnvironment;

  private constructor(
    server: StackServer,
    plane: DataPlane,
    door: Door,
    images: { readonly image: string; readonly baseImage: string },
    operator: OperatorEnvironment,
  ) {
    this.server = server;
    this.plane = plane;
    this.door = door;
    this.image = images.image;
    this.baseImage = images.baseImage;
    this.#operator = operator;
  }

  static async open(): Promise<Lab> {
    const { TIDEMARK_CLUSTER_IMAGE: image, TIDEMARK_CLUSTER_BASE: baseImage } = process.env;
    assert.ok(image && baseImage, "there is no image. Run these tests by: npm run test:cluster");
    const { makeLocalCertificate, nodeAddress } = await clusterLibrary();
    const { key, cert, ca } = await makeLocalCertificate("vault");
    const tls = { key: readFileSync(key), cert: readFileSync(cert) };
    const plane = await serveDataPlane(new KeyVault("empty"), tls);
    const operator = {
      MSI_ENDPOINT: `${plane.url}/token`,
      MSI_SECRET: "a secret of the tests",
      SSL_CERT_FILE: ca,
    };
    await restartOperator(operator);
    const server = await StackServer.open();
    const door = await Door.open(await nodeAddress(), server);
    return new Lab(server, plane, door, { image, baseImage }, operator);
  }

  /** Nothing keeps the Secrets as they are to be until it is started again. */
  async stopOperator(): Promise<void> {
    const { stop } = await clusterLibrary();
    await stop("external-secrets");
  }

  startOperator(): Promise<void> {
    return restartOperator(this.#operator);
  }

  /** Empty ones of the scenario's names. */
  async makeDatabases(): Promise<void> {
    await this.dropDatabases();
    const { user } = this.server;
    const make = (name: string) => `CREATE DATABASE ${name} OWNER ${user} TEMPLATE template0`;
    await this.server.administer(...DATABASES.map(make));
  }

  /** That of the role that migrates. */
  setPassword(password: string): Promise<void> {
    return this.server.administer(
      `ALTER ROLE ${this.server.user} PASSWORD ${escapeLiteral(password)}`,
    );
  }

  resetPassword(): Promise<void> {
    return this.setPassword(this.server.password);
  }

  dropDatabases(): Promise<void> {
    const drop = (name: string) => `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`;
    return this.server.administer(...DATABASES.map(drop));
  }

  async close(): Promise<void> {
    await this.dropDatabases();
    await this.door.close();
    await this.server.close();
    await this.plane.close();
    await restartOperator();
  }
}

type OperatorEnvironment = Readonly<Record<string, string>>;

async function restartOperator(environment?: OperatorEnvironment): Promise<void> {
  const { stop, startOperator, operatorWorks, waitUntil, home } = await clusterLibrary();
  await stop("external-secrets");
  truncateSync(join(home.logs, "external-secrets.log")); // its old words would speak for the new one
  startOperator(environment);
  await waitUntil("the operator", 60, operatorWorks);
}

/** A port of the node's address that leads to the test server, which itself listens to this machine alone. */
export class Door {
  readonly host: string;
  readonly port: number;
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(host: string, listener: Server) {
    this.host = host;
    this.port = (listener.address() as AddressInfo).port;
    this.#listener = listener;
    listener.on("connection", (socket) => this.#sockets.add(socket));
  }

  static async open(host: string, target: { host: string; port: number }): Promise<Door> {
    const listener = createServer((socket) => {
      const behind = connect(target.port, target.host);
      for (const end of [socket, behind]) {
        end.on("error", () => undefined);
        // Left alone, a session of the server would keep its locks after its client is gone.
        end.on("close", () => (socket.destroy(), behind.destroy()));
      }
      socket.pipe(behind).pipe(socket);
    });
    await new Promise<void>((resolve) => listener.listen(0, host, resolve));
    return new Door(host, listener);
  }

  /** As a network does that fails: every connection is gone at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#listener.close(resolve));
  }
}
