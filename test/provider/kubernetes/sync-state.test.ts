import assert from "node:assert/strict";

import type { ExternalSecret } from "../../../provider/kubernetes/objects";
import { type SeenSecret, syncState } from "../../../provider/kubernetes/sync-state";

const wanted = {
  namespace: "ameide",
  name: "db-migrations",
  externalSecret: "db-migrations",
  revision: "r2",
  keys: ["FLYWAY_URL", "FLYWAY_USER"],
};

const secret = (revision = "r2", keys = wanted.keys) => ({
  metadata: { resourceVersion: "77", annotations: { "tidemark.dev/revision": revision } },
  keys,
});

function external(
  synced: string | undefined,
  ready?: readonly [status: string, message: string],
): ExternalSecret {
  const conditions = ready
    ? [
        {
          type: "Ready",
          status: ready[0],
          reason: "SecretSyncedError",
          message: ready[1],
          lastTransitionTime: "2026-11-23T05:34:00Z",
        },
      ]
    : [];
  return {
    metadata: { generation: 2 },
    status: { ...(synced && { syncedResourceVersion: synced }), conditions },
  };
}

const warning = (lastTimestamp: string, message: string) => ({
  metadata: {},
  type: "Warning",
  reason: "UpdateFailed",
  message,
  lastTimestamp,
});

const SYNCED = external("2-abc", ["True", "secret synced"]);

const state = (seen: Partial<SeenSecret>, want: Partial<typeof wanted> = {}) =>
  syncState({ ...wanted, ...want }, { waitedSeconds: 0, ...seen });

describe("a Secret that the operator writes", () => {
  it("is synced when it is of the newest generation and revision, with all keys", () => {
    const found = state({ externalSecret: SYNCED, secret: secret() });
    assert.deepEqual(found, { state: "synced", version: "77" });
  });

  it("is not asked for a revision where none is wanted", () => {
    const found = state(
      { secret: { ...secret(), metadata: { resourceVersion: "1" } } },
      { externalSecret: undefined, revision: "" },
    );
    assert.deepEqual(found, { state: "synced", version: "1" });
  });

  const cases: readonly [
    what: string,
    seen: Partial<SeenSecret>,
    state: string,
    why: RegExp,
    remedy: RegExp,
  ][] = [
    [
      "the status of the version before, Ready and all",
      { externalSecret: external("1-abc", ["True", "secret synced"]), secret: secret("r1") },
      "waiting",
      /not yet written version 2/,
      /describe externalsecret/,
    ],
    [
      "a generation that only begins with the same digit",
      { externalSecret: external("21-abc", ["True", "x"]), secret: secret() },
      "waiting",
      /not yet written version 2/,
      /describe externalsecret/,
    ],
    [
      "the Secret of the revision before",
      { externalSecret: SYNCED, secret: secret("r1") },
      "waiting",
      /of revision r1, not yet r2/,
      /describe externalsecret/,
    ],
    ["no Secret yet", { externalSecret: SYNCED }, "waiting", /does not exist/, /get secret/],
    [
      "no status, at first",
      { externalSecret: external(undefined), waitedSeconds: 10 },
      "waiting",
      /has no status/,
      /operator runs/,
    ],
    [
      "no status for long",
      { externalSecret: external(undefined), waitedSeconds: 45 },
      "failed",
      /has no status/,
      /operator runs/,
    ],
    [
      "no ExternalSecret",
      { waitedSeconds: 10 },
      "failed",
      /no ExternalSecret db-migrations in namespace ameide/,
      /--refresh/,
    ],
    [
      "a key that the vault does not give",
      {
        externalSecret: external(undefined, [
          "False",
          'could not apply template: template: FLYWAY_URL:1: map has no entry for key "user"',
        ]),
        waitedSeconds: 10,
      },
      "failed",
      /map has no entry for key "user"/,
      /JSON with user and password/,
    ],
    [
      "what only an event says",
      {
        externalSecret: external(undefined, ["False", "could not update secret"]),
        events: [
          warning("2026-11-23T05:34:23Z", "unable to mutate secret s1: old"),
          warning(
            "2026-11-23T05:34:53Z",
            'unable to mutate secret s1: could not apply template: template: FLYWAY_PASSWORD:1:3: map has no entry for key "nosuch"',
          ),
          { ...warning("2026-11-23T05:34:57Z", "secret updated"), type: "Normal" },
        ],
        waitedSeconds: 10,
      },
      "failed",
      /could not update secret: unable to mutate .* map has no entry for key "nosuch"$/,
      /JSON with user and password/,
    ],
    [
      "an event from before",
      {
        externalSecret: external(undefined, ["False", "could not update secret"]),
        events: [warning("2026-11-23T05:00:00Z", "old")],
      },
      "waiting",
      /could not update secret$/,
      /describe externalsecret/,
    ],
    [
      "no such store",
      {
        externalSecret: external(undefined, ["False", "could not get secret data from provider"]),
        events: [warning("2026-11-23T05:35:15Z", 'could not get SecretStore "nostore", not found')],
        waitedSeconds: 100,
      },
      "waiting",
      /SecretStore "nostore"/,
      /clusterSecretStore/,
    ],
    [
      "a Secret of another owner",
      {
        externalSecret: external(undefined, ["False", "target is owned by another ExternalSecret"]),
        waitedSeconds: 10,
      },
      "failed",
      /owned by another/,
      /another name/,
    ],
    [
      "a vault that refuses, which takes minutes to change",
      {
        externalSecret: external(undefined, ["False", "403 Forbidden: Caller is not authorized"]),
        waitedSeconds: 100,
      },
      "waiting",
      /SecretSyncedError: 403/,
      /Key Vault Secrets User/,
    ],
    [
      "a secret that the vault does not have",
      {
        externalSecret: external(undefined, ["False", "Secret does not exist"]),
        waitedSeconds: 100,
      },
      "waiting",
      /Secret does not exist/,
      /vaultSecret/,
    ],
    [
      "an error of the newest version after a good one",
      { externalSecret: external("2-abc", ["False", "boom"]), secret: secret() },
      "waiting",
      /boom/,
      /describe externalsecret/,
    ],
    [
      "missing keys",
      { externalSecret: SYNCED, secret: secret("r2", ["FLYWAY_URL"]), waitedSeconds: 10 },
      "failed",
      /lacks "FLYWAY_USER"/,
      /It has "FLYWAY_URL"/,
    ],
  ];
  for (const [what, seen, expected, why, remedy] of cases)
    it(`${expected === "failed" ? "fails" : "is waited for"}: ${what}`, () => {
      const found = state(seen);
      assert.ok(found.state !== "synced");
      assert.equal(found.state, expected);
      assert.match(found.why, why);
      assert.match(found.remedy, remedy);
    });
});
