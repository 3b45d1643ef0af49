/** The HTTPS side of a Key Vault, for an operator that reads secrets, and the endpoint that gives it its token. */
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";

import type { KeyVault } from "./key-vault";

export interface DataPlane {
  /** Whose secrets it serves; another vault may take its place. */
  vault: KeyVault;
  /** Refuse to show secrets, as a vault does to an identity without a role. */
  refusing: boolean;
  /** Such as `https://localhost:1234`. */
  readonly url: string;
  readonly port: number;
  /** Each request that was answered, such as `GET /secrets/db-url`. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** @param tls key and certificate for `localhost` */
export async function serveDataPlane(
  initial: KeyVault,
  tls: { readonly key: string | Buffer; readonly cert: string | Buffer },
  port = 0,
): Promise<DataPlane> {
  const requests: string[] = [];
  const server = createServer(tls, (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "https://localhost");
    requests.push(`${request.method} ${pathname.replace(/\/$/, "")}`);
    const { status, body } = answer(plane, pathname, request.headers.authorization);
    response.writeHead(status, { "content-type": "application/json", ...challenge(status) });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const bound = (server.address() as AddressInfo).port;
  const url = `https://localhost:${bound}`;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const plane: DataPlane = { vault: initial, refusing: false, url, port: bound, requests, close };
  return plane;
}

const TOKEN = "a token of the tests";

function answer({ vault, refusing }: DataPlane, path: string, authorization: string | undefined) {
  if (path === "/token") {
    const expires = String(Math.floor(Date.now() / 1000) + 3600);
    const token = { access_token: TOKEN, expires_on: expires, token_type: "Bearer" };
    return { status: 200, body: { ...token, resource: "https://vault.azure.net" } };
  }
  if (authorization !== `Bearer ${TOKEN}`) return failure(401, "Unauthorized", "a token is needed");
  if (refusing)
    return failure(403, "Forbidden", "The user does not have secrets get permission on key vault");
  const [, name = "", version = ""] = /^\/secrets\/([^/]+)(?:\/([^/]*))?$/.exec(path) ?? [];
  const stored = vault.get(name);
  if (!stored || (version !== "" && version !== stored.version))
    return failure(404, "SecretNotFound", `A secret with (name/id) ${name} was not found`);
  const { value, contentType, tags } = stored;
  const id = `${vault.url}/secrets/${name}/${stored.version}`;
  return { status: 200, body: { value, contentType, id, attributes: { enabled: true }, tags } };
}

const failure = (status: number, code: string, message: string) => ({
  status,
  body: { error: { code, message } },
});

const challenge = (status: number) =>
  status === 401
    ? {
        "www-authenticate":
          'Bearer authorization="https://login.microsoftonline.com/tests", resource="https://vault.azure.net"',
      }
    : {};
