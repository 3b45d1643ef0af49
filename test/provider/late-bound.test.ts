import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { secretAccess } from "../../provider/kubernetes-access";
import { type OperationsImport, providerText } from "../../provider/late-bound";
import { REPOSITORY } from "../support/stack-project";

const ALL: readonly OperationsImport[] = [
  "#schema-version-operations",
  "#synced-secret-operations",
  "#cluster-ready-operations",
];

const METHODS = ["check", "diff", "create", "update", "read", "delete"];

describe("what the state holds of a provider", () => {
  it("is a short text that finds the program's own code, and nothing else", () => {
    const texts = ALL.map(providerText);
    for (const [at, text] of texts.entries()) {
      const name = ALL[at] ?? "";
      assert.ok(text.includes(name));
      assert.ok(text.length < 1000, `${name}: ${text.length}`);
      assert.ok(!text.includes(REPOSITORY) && !text.includes("node_modules"), text);
      assert.equal(text.replaceAll(name, "#"), texts[0]?.replaceAll(ALL[0] ?? "", "#"));
    }
  });

  it("is a module as Pulumi's provider process loads it", async () => {
    const module = { exports: {} as { handler?: () => pulumi.dynamic.ResourceProvider } };
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- as that process does
    new Function("exports", providerText("#schema-version-operations"))(module.exports);
    const provider = module.exports.handler?.();
    const deleted: unknown = await provider?.delete?.("platform", {});
    assert.equal(deleted, undefined);
    assert.deepEqual(Object.keys(provider ?? {}).sort(), METHODS.toSorted());
  });

  it("names what package.json can resolve", () => {
    const file = readFileSync(join(REPOSITORY, "package.json"), "utf8");
    const { imports } = JSON.parse(file) as { imports: Record<string, string> };
    assert.deepEqual(Object.keys(imports).sort(), [...ALL].sort());
    for (const path of Object.values(imports)) {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- what the closure does at run time
      const operations = require(join(REPOSITORY, path)) as object;
      for (const method of METHODS) assert.ok(method in operations, `${path}: ${method}`);
    }
  });
});

describe("the kubeconfig as an input", () => {
  it("is a secret, and so are the outputs that hold it", async () => {
    const { kubernetes, secretOutputs } = secretAccess({ kubeconfig: "token", context: "staging" });
    const kubeconfig = kubernetes?.kubeconfig as pulumi.Output<string>;
    assert.ok(await pulumi.isSecret(kubeconfig));
    assert.equal(kubernetes?.context, "staging");
    assert.deepEqual(secretOutputs, ["kubernetes"]);
  });

  it("makes nothing secret where there is none", () => {
    assert.deepEqual(secretAccess({ context: "c" }).secretOutputs, []);
    assert.deepEqual(secretAccess(undefined), { kubernetes: undefined, secretOutputs: [] });
  });
});
