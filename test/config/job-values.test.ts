/** Single values of a Job: the last that is accepted, the first that is not, and what is said of it. */
import assert from "node:assert/strict";

import { checkBounds, problemsIn, STAGING, withValues } from "../support/cluster-file";

const x = (length: number, character = "x"): string => character.repeat(length);

describe("config: values of the Job", () => {
  const digest = `@sha256:${x(64, "a")}`;
  const images = [
    "a:1",
    "a-b_c.d:1.2-x_y",
    "a__b:1",
    "reg.example.com:5000/a/b--c:v1",
    `a${digest}`,
    `a:latest${digest}`,
    `reg:1/a${digest}`,
    `a:${x(128)}`,
  ];
  checkBounds(STAGING, [
    [
      "job.image",
      images,
      [
        "A:1",
        "a:",
        "-a:1",
        "a-:1",
        "a@sha256:0",
        `a${digest}0`,
        "/a:1",
        "a/:1",
        "a b:1",
        " a:1",
        "a:1 ",
        `a:${x(129)}`,
        "a:1/",
      ],
      /^must be an image such as name@sha256:<64/,
    ],
    ["job.image", [], ["a", "reg:5000/a", "a:latest", "a/b"], /^must be pinned by a digest/],
    ["job.migrations", ["configMap", "image"], ["secret"], /^must be configMap or image$/],
    [
      "job.mode",
      ["sequential", "perDatabase"],
      ["parallel"],
      /^must be sequential or perDatabase$/,
    ],
    ["job.deadline", ["51s", "168h", "1.5h"], ["9.999s", "168h1s"], /^must be 10s to 168h$/],
    ["job.deadline", [], [900], /^must be a duration in quotes, such as "15m"$/],
    [
      "job.deadline",
      [],
      ["15", "soon"],
      /^must be a duration such as "30s", "15m" or "1h30m": a number and one of h, m, s, ms/,
    ],
    ["job.ttl", ["60s", "8760h"], ["59s", "8761h"], /^must be 1m to 8760h$/],
    ["job.ttl", [], [60], /^must be a duration in quotes, such as "24h"$/],
    ["job.backoffLimit", [0, 20], [-1, 21], /^must be 0 to 20$/],
    ["job.backoffLimit", [], [1.5], /^must be a whole number$/],
    [
      "job.attempt",
      ["1", 2, "a.b-c_D", x(40)],
      ["", "a b", "a/b", x(41)],
      /^must be 1 to 40 letters, digits, dots or hyphens$/,
    ],
    ["job.attempt", [], [["2"]], /^must be a text, such as "2"$/],
    [
      "job.imagePullPolicy",
      ["Always", "IfNotPresent", "Never"],
      ["Sometimes"],
      /^must be Always, IfNotPresent or Never$/,
    ],
    ["job.imagePullSecrets", [["a.b"], []], [], /./],
    ["job.nodeSelector.a", ["b", ""], [5], /^must be a text in quotes/],
    [
      "job.resources.limits.cpu",
      ["100m", "1", ".5", "1.", "1e3", "1E3", "2Ki", "3k", "1E"],
      ["", "1 Gi", "Gi", "1gi", "x1", "1mm", "1e", "."],
      /^must be a quantity such as "100m", "128Mi" or "1Gi"$/,
    ],
    [
      "job.resources.requests.memory",
      ["128Mi"],
      [128],
      /^must be a quantity in quotes, such as "128Mi"$/,
    ],
    [
      "job.networkPolicy",
      [
        true,
        false,
        {},
        { ports: [1, 2] },
        {
          peers: [
            { podSelector: {} },
            { namespaceSelector: { matchLabels: { a: "b" } } },
            { ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } },
          ],
        },
      ],
      ["x", 5],
      /^must be true, false, or a map with peers and ports$/,
    ],
    ["job.networkPolicy.peers", [], [[]], /^must name at least one peer$/],
    ["job.networkPolicy.ports", [], [[]], /^must name at least one port$/],
    [
      "job.hostAliases",
      [
        [
          { ip: "10.0.0.1", hostnames: ["a", "b"] },
          { ip: "::1", hostnames: ["c"] },
        ],
      ],
      [],
      /./,
    ],
  ]);

  const inLists: [string, unknown, string, RegExp][] = [
    [
      "job.hostAliases",
      [{ ip: "pg", hostnames: ["a"] }],
      "job.hostAliases.0.ip",
      /^must be an IP address$/,
    ],
    [
      "job.hostAliases",
      [{ ip: "::1", hostnames: [] }],
      "job.hostAliases.0.hostnames",
      /^must name at least one host$/,
    ],
    [
      "job.tolerations",
      [{ operator: "Is" }],
      "job.tolerations.0.operator",
      /^must be Exists or Equal$/,
    ],
    [
      "job.tolerations",
      [{ effect: "No" }],
      "job.tolerations.0.effect",
      /^must be NoSchedule, PreferNoSchedule or NoExecute$/,
    ],
    ["job.tolerations", [{ value: 5 }], "job.tolerations.0.value", /^must be a text$/],
    [
      "job.tolerations",
      [{ tolerationSeconds: 0.5 }],
      "job.tolerations.0.tolerationSeconds",
      /^must be a whole number$/,
    ],
    ["job.networkPolicy", { peers: [{}] }, "job.networkPolicy.peers.0", /^must not be empty$/],
  ];
  for (const [path, value, at, message] of inLists) {
    it(`${at} is checked: ${message.source}`, () => {
      const [problem, ...more] = problemsIn(withValues(STAGING, { [path]: value }));
      assert.deepEqual([problem?.[0], more], [at, []]);
      assert.match(problem?.[1] ?? "", message);
    });
  }
});
