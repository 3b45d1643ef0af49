/** A stand-in for the Azure plugin: `azure-native:keyvault:Secret`, by the contract of the management API. */
import { differences } from "../kubernetes/diff";
import {
  type CheckAnswer,
  type CheckRequest,
  type CreateAnswer,
  type CreateRequest,
  type DeleteRequest,
  type DiffAnswer,
  type DiffRequest,
  type ProviderPlugin,
  type ReadAnswer,
  type ReadRequest,
  type UpdateRequest,
} from "../rpc";
import { at, isObject, type Properties, reveal, UNKNOWN } from "../values";
import type { KeyVault } from "./key-vault";
import { AzureError, type SecretContent, secretProblems, type StoredSecret } from "./key-vault";

const TYPE = "azure-native:keyvault:Secret";
const SUBSCRIPTION = "00000000-0000-0000-0000-000000000000";

/** Inputs that the resource has; another one is refused, as the SDK's types do in TypeScript only. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  "": ["properties", "resourceGroupName", "secretName", "tags", "vaultName"],
  properties: ["attributes", "contentType", "value"],
  "properties.attributes": ["enabled", "expires", "notBefore"],
};
const PLACE = ["resourceGroupName", "secretName", "vaultName"];

interface SecretInputs {
  readonly resourceGroupName: string;
  readonly vaultName: string;
  readonly secretName: string;
  readonly properties: Omit<SecretContent, "tags">;
  readonly tags?: Readonly<Record<string, string>>;
}

export class AzurePlugin implements ProviderPlugin {
  readonly version = "3.28.0";
  readonly #vaults: ReadonlyMap<string, KeyVault>;

  constructor(vaults: readonly KeyVault[]) {
    this.#vaults = new Map(vaults.map((vault) => [vault.name, vault]));
  }

  async check({ type, name, olds, news, seed }: CheckRequest): Promise<CheckAnswer> {
    if (type !== TYPE) throw new Error(`the Azure stand-in does not know the type ${type}`);
    const suffix = Buffer.from(seed).toString("hex").slice(0, 8).padEnd(8, "0");
    const secretName = news.secretName ?? olds.secretName ?? `${name}${suffix}`;
    const inputs: Properties = { ...news, secretName };
    return { inputs, failures: problemsOf(reveal(inputs)) };
  }

  async diff({ olds, news }: DiffRequest): Promise<DiffAnswer> {
    const paths = differences(reveal(olds), reveal(news));
    const replaces = Object.keys(paths).filter((path) => PLACE.includes(path));
    const changed = Object.keys(paths).length > 0;
    return { changed, paths, replaces, deleteBeforeReplace: false };
  }

  async create({ inputs, preview }: CreateRequest): Promise<CreateAnswer> {
    const wanted = reveal<SecretInputs>(inputs);
    const id = idOf(wanted);
    if (preview) return { id, outputs: foreseen(inputs) };
    return { id, outputs: await this.#put(wanted, id) };
  }

  async update({ id, inputs, preview }: UpdateRequest): Promise<Properties> {
    if (preview) return foreseen(inputs);
    return this.#put(reveal<SecretInputs>(inputs), id);
  }

  async read({ id, inputs }: ReadRequest): Promise<ReadAnswer | undefined> {
    const { vault, name } = this.#find(id);
    const stored = vault.get(name);
    // The value is never read back: what the inputs say of it stays.
    return stored && { id, outputs: outputsOf(vault, id, stored), inputs };
  }

  async delete({ id }: DeleteRequest): Promise<void> {
    const { vault, name } = this.#find(id);
    try {
      vault.delete(name);
    } catch (error) {
      if (!(error instanceof AzureError && error.status === 404)) throw error;
    }
  }

  async #put({ properties, tags, secretName }: SecretInputs, id: string): Promise<Properties> {
    const { vault } = this.#find(id);
    const stored = await vault.put(secretName, { ...properties, ...(tags && { tags }) });
    return outputsOf(vault, id, stored);
  }

  #find(id: string): { readonly vault: KeyVault; readonly name: string } {
    const [, vaultName = "", name = ""] = /\/vaults\/([^/]+)\/secrets\/([^/]+)$/.exec(id) ?? [];
    const vault = this.#vaults.get(vaultName);
    if (vault) return { vault, name };
    const what = `The Resource 'Microsoft.KeyVault/vaults/${vaultName}' was not found.`;
    throw new AzureError(404, "ResourceNotFound", what);
  }
}

const idOf = ({ resourceGroupName, vaultName, secretName }: SecretInputs) =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${resourceGroupName}/providers/Microsoft.KeyVault/vaults/${vaultName}/secrets/${secretName}`;

function outputsOf({ url }: KeyVault, id: string, stored: StoredSecret): Properties {
  const { name, version, contentType, attributes, tags } = stored;
  const secretUri = `${url}/secrets/${name}`;
  const properties = {
    attributes: { enabled: true, ...attributes },
    contentType,
    secretUri,
    secretUriWithVersion: `${secretUri}/${version}`,
  };
  const type = "Microsoft.KeyVault/vaults/secrets";
  return {
    name,
    id,
    type,
    location: "westeurope",
    properties,
    tags,
    azureApiVersion: "2024-11-01",
  };
}

function foreseen(inputs: Properties): Properties {
  const { contentType, attributes } = (inputs.properties ?? {}) as Properties;
  const unknown = { secretUri: UNKNOWN, secretUriWithVersion: UNKNOWN };
  return {
    name: inputs.secretName,
    tags: inputs.tags,
    properties: { contentType, attributes, ...unknown },
  };
}

function problemsOf(inputs: Properties) {
  const problems: { property: string; reason: string }[] = [];
  for (const [path, fields] of Object.entries(FIELDS)) {
    const value = path === "" ? inputs : at(inputs, ...path.split("."));
    for (const key of isObject(value) ? Object.keys(value) : [])
      if (!fields.includes(key))
        problems.push({ property: path === "" ? key : `${path}.${key}`, reason: "unknown field" });
  }
  for (const property of ["resourceGroupName", "vaultName", "properties"])
    if (inputs[property] === undefined) problems.push({ property, reason: "missing" });
  const { vaultName = "", secretName = "", properties, tags } = inputs as unknown as SecretInputs;
  if (vaultName !== UNKNOWN && !/^[a-zA-Z0-9-]{3,24}$/.test(vaultName))
    problems.push({
      property: "vaultName",
      reason: `'${vaultName}' does not match '^[a-zA-Z0-9-]{3,24}$'`,
    });
  if (secretName !== UNKNOWN)
    problems.push(...secretProblems(secretName, { ...properties, ...(tags && { tags }) }));
  return problems;
}
