/** Single values of a database: the last that is accepted, the first that is not, and what is said of it. */
import assert from "node:assert/strict";

import { checkBounds, problemsIn, STAGING } from "../support/cluster-file";

const x = (length: number, character = "x"): string => character.repeat(length);

describe("config: values of a database", () => {
  const at = (key: string): string => `databases.one.${key}`;
  const own = ["_a1", "Z", x(253), "PATHS", "MY_PATH", "HOME2", "TZ_", "XNODE_x", "SSL", "A_HOME"];
  checkBounds(STAGING, [
    [
      at("migrationSecret.url"),
      own,
      ["1a", "a-b", "a.b", "", x(254), "é"],
      /^must be letters, digits and underscores, and not begin with a digit/,
    ],
    [
      at("migrationSecret.url"),
      [],
      ["PATH", "HOME", "HOSTNAME", "TZ", "NODE_x", "LD_PRELOAD", "KUBERNETES_x", "SSL_CERT_FILE"],
      /^is a variable that the container's own programs read\. Choose another name\.$/,
    ],
    [
      at("migrationSecret"),
      [{ user: "A", password: "B" }],
      [{ user: "A" }, { password: "A" }],
      /^must have both user and password, or neither$/,
    ],
    [
      at("secret"),
      ["none", {}, { name: "a.b", key: "tls.crt" }],
      [5, "some"],
      /^must be a map with name and key, or "none"$/,
    ],
    [
      at("secret.key"),
      [x(253), "-._aZ9"],
      ["", "a b", "a/b", x(254)],
      /^must be letters, digits, dots, hyphens and underscores$/,
    ],
    [
      at("acceptedDrift"),
      ["drift-0123456789ab"],
      [
        "drift-0123456789a",
        "drift-0123456789abc",
        "drift-0123456789AB",
        "xdrift-0123456789ab",
        "drift-ghijklmnopqr",
        "drift",
      ],
      /^must be a digest as the refusal prints it: drift-1234567890ab$/,
    ],
    [at("drift"), ["warn"], ["no"], /^must be warn, fail or accept$/],
    [at("database"), [x(63)], [x(64)], /^must have at most 63 characters$/],
    [at("database"), [], [""], /^must not be empty$/],
    [
      at("migrations"),
      ["a", ["a", "b/c"], "a..b", "none"],
      [5, true],
      /^must be a folder, a list of folders, or "none"$/,
    ],
    [
      at("migrations"),
      [],
      ["/a", "a/../b", ".."],
      /^must be a folder inside the project, relative to it$/,
    ],
    [at("migrations"), [], [[]], /^must name at least one folder$/],
  ]);

  const names: [string, boolean][] = [
    ["a", true],
    ["a-1", true],
    [x(63), true],
    ["A", false],
    ["-a", false],
    ["a-", false],
    ["a.b", false],
    [x(64), false],
  ];
  for (const [name, isGood] of names) {
    it(`the name ${name} is ${isGood ? "accepted" : "refused"}`, () => {
      const problems = problemsIn({ ...STAGING, databases: { [name]: {} } });
      if (isGood) assert.deepEqual(problems, []);
      else
        assert.deepEqual(problems, [
          [
            `databases${name.includes(".") ? `["${name}"]` : `.${name}`}`,
            "must be a name of lower-case letters, digits and hyphens",
          ],
        ]);
    });
  }
});
