import assert from "node:assert/strict";

import { commandOf } from "../../provider/pulumi-command";

describe("provider/pulumi-command: the command of a command line", () => {
  const cases: readonly [string, string | undefined][] = [
    ["pulumi up --yes", "up"],
    ["/opt/pulumi/bin/pulumi update -s dev", "up"],
    ["pulumi preview --stack up", "preview"],
    ["pulumi -s up pre", "preview"],
    ["pulumi --stack up --cwd preview refresh", "refresh"],
    ["pulumi --non-interactive -C preview up --exec-kind auto.local", "up"],
    ["C:\\bin\\pulumi.exe destroy", "destroy"],
    ["pulumi stack output", undefined],
    ["pulumi", undefined],
    ["/bin/sh pulumi up", undefined],
    ["node my-pulumi up", undefined],
    ["", undefined],
  ];
  for (const [line, command] of cases)
    it(`${line || "nothing"}: ${command ?? "none"}`, () => {
      assert.equal(commandOf(line.split(" ")), command);
    });
});
