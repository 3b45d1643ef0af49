import * as pulumi from "@pulumi/pulumi";

import type { DesiredInputs, MigrationOptions } from "./types";

/** Inputs of a SchemaVersion as a program gives them. */
export type SchemaVersionArgs = Pick<DesiredInputs, "options"> & {
  readonly [K in keyof Omit<DesiredInputs, "resourceUrn" | "options">]: pulumi.Input<
    DesiredInputs[K]
  >;
};

/**
 * The provider that Pulumi serialises into the state. Its text must never change and must hold nothing: `read` and
 * `delete` run the text of the last update, and whatever it captured would be kept in the state in the clear. So each
 * method only finds the program's own code, at run time, from the folder that the provider process runs in.
 */
const provider: pulumi.dynamic.ResourceProvider = {
  check: (olds, news) => operations().check(olds, news),
  diff: (id, olds, news) => operations().diff(id, olds, news),
  create: (inputs) => operations().create(inputs),
  update: (id, olds, news) => operations().update(id, olds, news),
  read: (id, props) => operations().read(id, props),
  delete: (id, props) => operations().delete(id, props),
};

function operations(): Required<Omit<pulumi.dynamic.ResourceProvider, "configure">> {
  const { createRequire } = process.getBuiltinModule("node:module");
  // eslint-disable-next-line @typescript-eslint/no-unsafe-return -- what a require returns has no type
  return createRequire(process.cwd() + "/package.json")("#schema-version-operations");
}

/** The type in state and messages (contract: design, "stack outputs"). */
const TYPE = "pulumi-nodejs:tidemark:SchemaVersion";

/** Made once: all databases share one text. */
let serialized: Promise<string> | undefined;

/** What `pulumi.dynamic.Resource` does too; that class would put `dynamic/` into the type. */
function serializedProvider(): Promise<string> {
  serialized ??= pulumi.runtime.serializeFunction(() => provider).then(({ text }) => text);
  return serialized;
}

/** The schema version of one database, as a resource of the stack. */
export class SchemaVersion extends pulumi.CustomResource {
  declare readonly schemaVersion: pulumi.Output<string | null>;
  declare readonly fingerprint: pulumi.Output<string>;
  declare readonly applied: pulumi.Output<number>;

  constructor(name: string, args: SchemaVersionArgs, opts: pulumi.CustomResourceOptions = {}) {
    const resourceUrn = pulumi.createUrn(name, TYPE, opts.parent);
    const props = {
      __provider: serializedProvider(),
      resourceUrn,
      ...args,
      password: pulumi.secret(args.password),
      options: withSecrets(args.options),
      migrations: undefined,
      pending: undefined,
      schemaVersion: undefined,
      fingerprint: undefined,
      applied: undefined,
      history: undefined,
      catalog: undefined,
      driftFound: undefined,
    };
    const additionalSecretOutputs = [...(opts.additionalSecretOutputs ?? []), "password"];
    super(TYPE, name, props, { ...opts, additionalSecretOutputs });
  }
}

/** Placeholders and initSql may hold secrets, so the state has them encrypted. */
function withSecrets(options: MigrationOptions): pulumi.Inputs {
  const { placeholders, initSql, ...others } = options;
  return {
    ...others,
    ...(placeholders && { placeholders: pulumi.secret(placeholders) }),
    ...(initSql !== undefined && { initSql: pulumi.secret(initSql) }),
  };
}

export type { MigrationOptions };
