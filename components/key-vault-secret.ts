import * as pulumi from "@pulumi/pulumi";

import type { Credentials } from "./database-url";
import { vaultSecret } from "./sdk";

export interface KeyVaultSecretArgs {
  readonly resourceGroup: pulumi.Input<string>;
  readonly vaultName: pulumi.Input<string>;
  /** 1 to 127 letters, digits and hyphens. */
  readonly secretName: string;
  readonly credentials: pulumi.Input<Credentials>;
  /** `2027-06-30`: the vault shows it; it does not stop anybody from reading. */
  readonly expires?: string;
  /** Which database it is for; shown as a tag. */
  readonly database: string;
  readonly protect?: boolean;
}

const NAME = /^[a-zA-Z0-9-]{1,127}$/;
const MAX_TAG = 256;

/**
 * Credentials of one database in a Key Vault, as JSON with `user` and `password`.
 *
 * Several of one vault have to be made one after the other (`dependsOn` the one before): the vault refuses writes at the
 * same time with 409 Conflict. A stack that is destroyed leaves the secret in the vault: deleting it would need a right
 * that nobody else needs, and its name could not be used again before the vault has purged it (docs/azure.md).
 */
export class KeyVaultSecret extends pulumi.ComponentResource {
  readonly secretName: string;
  /** The URI of the version that the vault has now; no secret. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: KeyVaultSecretArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("tidemark:index:KeyVaultSecret", name, {}, opts);
    if (!NAME.test(args.secretName)) {
      throw new pulumi.RunError(
        `"${args.secretName}" cannot be the name of a secret in Key Vault. Remedy: 1 to 127 letters, digits and hyphens (databases.${args.database}.vaultSecret).`,
      );
    }
    const Secret = vaultSecret();
    const secret = new Secret(
      name,
      {
        resourceGroupName: args.resourceGroup,
        vaultName: args.vaultName,
        secretName: args.secretName,
        properties: {
          value: pulumi.secret(pulumi.output(args.credentials).apply(vaultValue)),
          contentType: "application/json",
          attributes: {
            enabled: true,
            ...(args.expires !== undefined && { expires: secondsOf(args.expires) }),
          },
        },
        // Tags can be read by whoever may list the vault's secrets: only what everybody may know.
        tags: {
          "managed-by": "tidemark",
          stack: pulumi.getStack().slice(0, MAX_TAG),
          database: args.database.slice(0, MAX_TAG),
        },
      },
      {
        parent: this,
        retainOnDelete: true,
        protect: args.protect,
        dependsOn: opts.dependsOn,
      },
    );
    this.secretName = args.secretName;
    this.version = pulumi.unsecret(
      secret.properties.apply(({ secretUriWithVersion }) => secretUriWithVersion),
    );
    this.registerOutputs({ version: this.version });
  }
}

const vaultValue = ({ user, password }: Credentials): string => JSON.stringify({ user, password });

const secondsOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 1000;
