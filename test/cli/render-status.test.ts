import assert from "node:assert/strict";

import { renderStatus } from "../../engine/cli/render-status";
import { emptyReport } from "../../engine/cli/report";
import type { DatabaseStatus } from "../../engine/cli/stack/status";

const STATUS: DatabaseStatus = {
  name: "platform",
  knowledge: "live",
  schemaVersion: "11",
  pending: 0,
  failed: [],
  drift: [],
  lastRun: "2026-11-24 18:08:07.83",
  problems: [],
};

const render = (...databases: Partial<DatabaseStatus>[]) =>
  renderStatus(
    {
      ...emptyReport("status"),
      stack: "dev",
      databases: databases.map((database) => ({ ...STATUS, ...database })),
    },
    (_, text) => text,
  ).join("\n");

describe("cli/render-status", () => {
  it("has one table of at most 80 columns, whatever the names", () => {
    const long = render({
      name: "a".repeat(60),
      schemaVersion: "2026.11.24.180807.1",
      pending: 1234567,
      knowledge: "remembered",
    });
    for (const line of long.split("\n")) assert.ok(line.length <= 80, line);
    assert.match(long, /^a+… +2026\.11\.2… +1234567 +– +– +2026-11-24 18:08 +remembered$/m);
  });

  it("names failed scripts, drift and reasons below it, with commands to paste", () => {
    const text = render(
      { failed: ["V11__cic.sql"], drift: ["table a added", "b", "c", "d", "e"] },
      { name: "far", knowledge: "remembered", why: "reach none", pending: null, lastRun: null },
    );
    assert.match(text, /^platform: failed: V11__cic\.sql$/m);
    assert.match(text, /run `tidemark repair --stack dev --database platform`/);
    assert.match(text, /^platform: drift: table a added$/m);
    assert.match(text, /^platform: and 2 more; --json has all$/m);
    assert.match(text, /^far +11 +\? +– +– +– +remembered$/m);
    assert.match(text, /^far: not asked: reach none$/m);
  });
});
