/** The configuration as Pulumi hands it over. */
import assert from "node:assert/strict";

import type { StackConfig } from "../../config/stack-config";

const PLAIN = {
  "tidemark:server": '{"host":"h","user":"u"}',
  "tidemark:secretStore": '{"kind":"plain"}',
  "tidemark:databases": '{"shop":{}}',
};

/** Pulumi's library is loaded here and nowhere else: most tests of the configuration do without it. */
async function load(values: Record<string, string>): Promise<StackConfig> {
  const { runtime } = await import("@pulumi/pulumi");
  const { loadStackConfig } = await import("../../config/load.js");
  const before = runtime.allConfig();
  await runtime.setMocks(
    { newResource: () => assert.fail("no resource"), call: () => assert.fail("no call") },
    "tidemark",
    "dev",
  );
  try {
    runtime.setAllConfig(values);
    return loadStackConfig();
  } finally {
    runtime.setAllConfig(before);
  }
}

describe("config: load", function () {
  this.timeout(60_000); // loading @pulumi/pulumi

  it("takes the keys of its own namespace, and no others", async () => {
    const { databases } = await load({ ...PLAIN, "azure:location": "x", "other:tidemark:": "y" });
    assert.deepEqual(
      databases.map(({ name, server }) => [name, server.host]),
      [["shop", "h"]],
    );
  });

  it("says in words what is wrong, with the stack and each path", async () => {
    const wrong = load({ ...PLAIN, "tidemark:crateDatabase": "true" });
    await assert.rejects(wrong, (error: Error) => {
      assert.equal(error.constructor.name, "RunError");
      assert.match(error.message, /^1 problem in the configuration of stack dev \(Pulumi\.dev/);
      assert.match(error.message, /tidemark:crateDatabase: is not a known key/);
      return true;
    });
  });

  const cluster: [string, Record<string, string>, object][] = [
    ["none", {}, {}],
    [
      "that of Pulumi's Kubernetes provider",
      { "kubernetes:kubeconfig": "/k", "kubernetes:context": "c" },
      { kubeconfig: "/k", context: "c" },
    ],
    ["a context of it", { "kubernetes:context": "c" }, { context: "c" }],
    ["a kubeconfig of it", { "kubernetes:kubeconfig": "/k" }, { kubeconfig: "/k" }],
    [
      "its own before that",
      { "kubernetes:context": "c", "tidemark:kubernetes": '{"context":"own"}' },
      { context: "own" },
    ],
  ];
  for (const [what, more, expected] of cluster) {
    it(`means the cluster: ${what}`, async () => {
      assert.deepEqual((await load({ ...PLAIN, ...more })).kubernetes, expected);
    });
  }
});
