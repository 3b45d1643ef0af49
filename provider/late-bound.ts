/** Entries of package.json's `imports`: the modules that hold the real methods. */
export type OperationsImport =
  "#schema-version-operations" | "#synced-secret-operations" | "#cluster-ready-operations";

/**
 * The provider as Pulumi keeps it in the state: a module with a function `handler` that returns it (cmd/dynamic-provider
 * of the Pulumi SDK). This text must never change and must hold nothing: `read` and `delete` run the text of the last
 * update, and whatever it held would be kept in the state in the clear. So each method only finds the program's own
 * code, at run time, from the folder that the provider process runs in. It is written out here because Pulumi's own
 * serialisation of a closure takes half a second of each preview, and another version may write it another way.
 */
export function providerText(operations: OperationsImport): string {
  return `exports.handler = () => {
  const operations = () =>
    process.getBuiltinModule("node:module").createRequire(process.cwd() + "/package.json")("${operations}");
  return {
    check: (olds, news) => operations().check(olds, news),
    diff: (id, olds, news) => operations().diff(id, olds, news),
    create: (inputs) => operations().create(inputs),
    update: (id, olds, news) => operations().update(id, olds, news),
    read: (id, props) => operations().read(id, props),
    delete: (id, props) => operations().delete(id, props),
  };
};
`;
}
