/** A Key Vault: what Azure keeps of secrets, by the rules of its management API (Microsoft.KeyVault vaults/secrets). */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

/** What a write asks for. */
export interface SecretContent {
  readonly value: string;
  readonly contentType?: string;
  readonly attributes?: {
    readonly enabled?: boolean;
    readonly expires?: number;
    readonly notBefore?: number;
  };
  readonly tags?: Readonly<Record<string, string>>;
}

export interface StoredSecret extends SecretContent {
  readonly name: string;
  readonly version: string;
}

/** An answer of Azure that is not the one hoped for. */
export class AzureError extends Error {
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(`Status=${status} Code="${code}" Message="${message}"`);
    this.status = status;
  }
}

/** Long enough for two writes at once to meet. */
const WRITE_TAKES = 25;

export class KeyVault {
  readonly name: string;
  /** Each write and deletion that succeeded, such as `put db-url`. */
  readonly changes: string[] = [];
  /** Refuse every write, as a vault does whose roles are not granted. */
  forbidden = false;
  /** Where the data plane answers; the real one is under vault.azure.net. */
  url: string;
  readonly #secrets = new Map<string, StoredSecret>();
  readonly #deleted = new Map<string, StoredSecret>();
  #writing = false;

  constructor(name: string) {
    this.name = name;
    this.url = `https://${name}.vault.azure.net`;
  }

  async put(name: string, content: SecretContent): Promise<StoredSecret> {
    this.#authorize("Microsoft.KeyVault/vaults/secrets/write");
    refuseBadContent(name, content);
    if (this.#deleted.has(name))
      throw new AzureError(
        409,
        "Conflict",
        `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
      );
    await this.#alone();
    const old = this.#secrets.get(name);
    // A new version is a new value; all else is changed in place.
    const version = old?.value === content.value ? old.version : randomBytes(16).toString("hex");
    const stored = { ...content, name, version };
    this.#secrets.set(name, stored);
    this.changes.push(`put ${name}`);
    return stored;
  }

  get(name: string): StoredSecret | undefined {
    return this.#secrets.get(name);
  }

  /** By the data plane: the management API has no deletion. */
  delete(name: string): void {
    this.#authorize("Microsoft.KeyVault/vaults/secrets/delete");
    const stored = this.#secrets.get(name);
    if (!stored)
      throw new AzureError(
        404,
        "SecretNotFound",
        `A secret with the name ${name} was not found in this key vault.`,
      );
    this.#secrets.delete(name);
    this.#deleted.set(name, stored);
    this.changes.push(`delete ${name}`);
  }

  recover(name: string): void {
    const stored = this.#deleted.get(name);
    if (!stored) throw new Error(`no deleted secret ${name}`);
    this.#deleted.delete(name);
    this.#secrets.set(name, stored);
  }

  purge(name: string): void {
    this.#deleted.delete(name);
  }

  isDeleted(name: string): boolean {
    return this.#deleted.has(name);
  }

  /** As somebody does who rotates by hand in the portal. */
  rotate(name: string, value: string): void {
    const stored = this.#secrets.get(name);
    if (!stored) throw new Error(`no secret ${name}`);
    this.#secrets.set(name, { ...stored, value, version: randomBytes(16).toString("hex") });
  }

  #authorize(action: string): void {
    if (!this.forbidden) return;
    throw new AzureError(
      403,
      "AuthorizationFailed",
      `The client does not have authorization to perform action '${action}' over scope '/vaults/${this.name}' or the scope is invalid.`,
    );
  }

  async #alone(): Promise<void> {
    if (this.#writing)
      throw new AzureError(
        409,
        "ConflictError",
        `A conflict occurred that prevented the operation from completing. The operation failed because the Key Vault '${this.name}' changed from the point the operation began.`,
      );
    this.#writing = true;
    await sleep(WRITE_TAKES);
    this.#writing = false;
  }
}

function refuseBadContent(
  name: string,
  { value, contentType = "", tags = {} }: SecretContent,
): void {
  const problem = secretProblems(name, { value, contentType, tags })[0];
  if (problem) throw new AzureError(400, "BadParameter", problem.reason);
}

export interface ContentProblem {
  readonly property: string;
  readonly reason: string;
}

/** What of the rules for names and sizes is broken. */
export function secretProblems(name: string, content: Partial<SecretContent>): ContentProblem[] {
  const { value = "", contentType = "", tags = {} } = content;
  const problems: ContentProblem[] = [];
  const rule = (right: boolean, property: string, reason: string) => {
    if (!right) problems.push({ property, reason });
  };
  rule(
    /^[a-zA-Z0-9-]{1,127}$/.test(name),
    "secretName",
    `'${name}' does not match '^[a-zA-Z0-9-]{1,127}$'`,
  );
  const size = Buffer.byteLength(value);
  rule(size <= 25_600, "properties.value", `the value has ${size} bytes, 25600 are allowed`);
  rule(
    contentType.length <= 255,
    "properties.contentType",
    "contentType is longer than 255 characters",
  );
  const entries = Object.entries(tags);
  rule(entries.length <= 15, "tags", `${entries.length} tags, 15 are allowed`);
  for (const [key, text] of entries)
    rule(
      key.length <= 256 && text.length <= 256,
      "tags",
      `tag ${key.slice(0, 20)}: 256 characters are allowed`,
    );
  return problems;
}
