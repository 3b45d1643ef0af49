/** Single values of a stack and its vault: the last that is accepted, the first that is not, and what is said of it. */
import assert from "node:assert/strict";

import {
  checkBounds,
  ID,
  OWN_STORE,
  problemsIn,
  STAGING,
  withValues,
} from "../support/cluster-file";

const x = (length: number, character = "x"): string => character.repeat(length);

describe("config: values of the stack", () => {
  checkBounds(STAGING, [
    [
      "namespace",
      ["a", "a-1", "1", x(63)],
      ["-a", "a-", "A", "a.b", "a_b", x(64)],
      /Kubernetes name/,
    ],
    ["server.port", [1, 65535], [0, 65536], /^must be 1 to 65535$/],
    ["server.port", [], [1.5, "5432"], /^must be a whole number$/],
    [
      "server.host",
      ["h", "a.b-c", "10.0.0.1", "::1"],
      ["a/b", "a b", "{{x}}", "a@b", "x/a"],
      /^of database \w+ must be a host name or an IP/,
    ],
    ["server.user", [], [""], /^must not be empty$/],
    ["server.password", ["p"], [5], /^must be a text$/],
    [
      "server.sslmode",
      ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
      ["on"],
      /^must be one of disable, allow, prefer, require, verify-ca, verify-full$/,
    ],
    ["runner", ["job", "provider"], ["jobs"], /^must be provider or job$/],
    ["reach", ["direct", "portForward", "none"], ["way"], /^must be direct, portForward or none$/],
    ["drift", ["warn", "fail", "accept"], ["ignore"], /^must be warn, fail or accept$/],
    ["createDatabase", [true, false, "true", " false "], ["yes"], /^must be true or false$/],
    ["recreate", [["one"], []], ["one"], /list|array/],
    [
      "portForward",
      [{ service: "a" }, { pod: "a" }, { selector: "a" }, { port: 1 }],
      [
        { service: "a", selector: "b" },
        { pod: "a", selector: "b" },
      ],
      /^must name one of service, pod and selector, not several$/,
    ],
    ["portForward.pod", ["a.b"], ["A"], /must be a Kubernetes name: lower-case letters/],
  ]);
});

describe("config: values of the vault", () => {
  checkBounds(STAGING, [
    [
      "secretStore.vaultName",
      ["abc", "a-b-c", "Ab1", x(24)],
      ["ab", x(25), "1abc", "abc-", "a--bc", "abc--d", "-abc", "a_bc", "_abc", "abc_"],
      /^must be a Key Vault name: 3 to 24/,
    ],
    ["secretStore.vaultName", [], [undefined], /^is missing: the name of the vault$/],
    ["secretStore.resourceGroup", [x(90)], [x(91)], /^must have at most 90 characters$/],
    [
      "secretStore.clusterSecretStore",
      ["a", "a-b.c-d", "1.2", "a--b.c--d", "a.b.c"],
      ["a.", ".a", "a..b", "a.-b", "a-.b", "a.b-", "A", "a_b", "a.b_c", "_a.b"],
      /^must be a Kubernetes name: lower-case letters, digits, hyphens and dots$/,
    ],
    ["secretStore.clusterSecretStore", [x(253)], [x(254)], /^must have at most 253 characters$/],
    [
      "secretStore.refreshInterval",
      ["1s", "1h30m", "8760h"],
      ["999ms", "0", "-1h", "8761h"],
      /^must be at least "1s"/,
    ],
    [
      "secretStore.refreshInterval",
      [],
      ["1d", "1hour", ""],
      /^must be a duration such as "30m", "1h" or "1h30m".*The operator stops/,
    ],
    ["secretStore.refreshInterval", [], [3600], /^must be a duration in quotes, such as "1h"$/],
    [
      "secretStore.expires",
      ["2027-06-30", "2028-02-29"],
      [
        "2027-02-29",
        "2027-13-01",
        "x2027-06-30",
        "2027-06-30x",
        "2027-6-30",
        "2027-06-3",
        "20270-06-30",
        "",
      ],
      /^must be a date such as "2027-06-30"$/,
    ],
    ["secretStore.expires", [], [20270630], /^must be a date in quotes, such as "2027-06-30"$/],
    [
      "databases.one.vaultSecret",
      ["a", "A-1", x(127)],
      ["", "a_b", "a.b", x(128)],
      /^must be a name of a Key Vault secret: 1 to 127/,
    ],
    ["databases.one.vaultSecret", [], [5], /^must be a text$/],
  ]);
  checkBounds(OWN_STORE, [
    [
      "secretStore.store.kind",
      ["SecretStore", "ClusterSecretStore"],
      ["Store"],
      /^must be SecretStore or ClusterSecretStore$/,
    ],
    [
      "secretStore.store.tenantId",
      [ID, ID.toLowerCase()],
      [`x${ID}`, `${ID}0`, ID.replaceAll("-", ""), "contoso", `0${ID}`],
      /^must be an id such as 00000000-/,
    ],
    ["secretStore.store.name", [], [undefined], /^is missing\.$/],
    [
      "secretStore.store.serviceAccount.namespace",
      ["apps"],
      ["a.b"],
      /^must be a Kubernetes name$/,
    ],
    ["secretStore.store.serviceAccount.clientId", [ID], ["x"], /^must be an id such as/],
  ]);
  it("secretStore.kind is one of two", () => {
    const problems = problemsIn(withValues(STAGING, { secretStore: { kind: "vault" } }));
    assert.deepEqual(problems, [["secretStore.kind", 'must have kind "azureKeyVault" or "plain"']]);
  });
});
