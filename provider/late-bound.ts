import * as pulumi from "@pulumi/pulumi";

/** Entries of package.json's `imports`: the modules that hold the real methods. */
export type OperationsImport =
  "#schema-version-operations" | "#synced-secret-operations" | "#cluster-ready-operations";

const serialized = new Map<OperationsImport, Promise<string>>();

/**
 * The provider that Pulumi serialises into the state, as text. This text must never change and must hold nothing:
 * `read` and `delete` run the text of the last update, and whatever it captured would be kept in the state in the
 * clear. So each method only finds the program's own code, at run time, from the folder that the provider process runs
 * in. Made once for each kind of resource: all of a kind share one text.
 */
export function serializedProvider(operations: OperationsImport): Promise<string> {
  const known = serialized.get(operations);
  if (known) return known;
  // What `pulumi.dynamic.Resource` does too; that class would put `dynamic/` into the type.
  const provider = lateBoundProvider(operations);
  const text = pulumi.runtime.serializeFunction(() => provider).then((closure) => closure.text);
  serialized.set(operations, text);
  return text;
}

function lateBoundProvider(name: string): pulumi.dynamic.ResourceProvider {
  const operations = (): Required<Omit<pulumi.dynamic.ResourceProvider, "configure">> => {
    const { createRequire } = process.getBuiltinModule("node:module");
    // eslint-disable-next-line @typescript-eslint/no-unsafe-return -- what a require returns has no type
    return createRequire(process.cwd() + "/package.json")(name);
  };
  return {
    check: (olds, news) => operations().check(olds, news),
    diff: (id, olds, news) => operations().diff(id, olds, news),
    create: (inputs) => operations().create(inputs),
    update: (id, olds, news) => operations().update(id, olds, news),
    read: (id, props) => operations().read(id, props),
    delete: (id, props) => operations().delete(id, props),
  };
}
