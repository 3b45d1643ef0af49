/** The stacks of this repository, as a whole. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { withFolder } from "../support/folder";
import { ROOT } from "./record";

function dumped(stack: string): string {
  const script = join(ROOT, "scripts/golden.mjs");
  return execFileSync(process.execPath, [script, "--print", stack], {
    cwd: ROOT,
    encoding: "utf8",
  });
}

describe("stacks: what each would register", () => {
  for (const stack of ["dev", "staging", "production"]) {
    it(`${stack} is as in test/golden/${stack}.json (npm run golden:update)`, () => {
      const golden = readFileSync(join(ROOT, "test/golden", `${stack}.json`), "utf8");
      assert.deepEqual(JSON.parse(dumped(stack)), JSON.parse(golden));
    });
  }

  it("dev loads no SDK of a cloud", () => {
    const program = `
      import { createRequire } from "node:module";
      import { recordStack } from "./scripts/lib/render-program.mjs";
      const { registrations } = await recordStack("dev", { preview: false });
      const files = Object.keys(createRequire(import.meta.url).cache);
      const sdks = files.filter((file) => /@pulumi.(kubernetes|azure-native)|@kubernetes/.test(file));
      console.log(JSON.stringify({ sdks, types: [...new Set(registrations.map((r) => r.type))] }));
    `;
    const output = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
      cwd: ROOT,
      encoding: "utf8",
    });
    assert.deepEqual(JSON.parse(output), {
      sdks: [],
      types: ["tidemark:index:MigratedDatabase", "pulumi-nodejs:tidemark:SchemaVersion"],
    });
  });
});

describe("npm run render", () => {
  /** What it does after compiling: the tests are compiled already. */
  const rendered = (stack: string, folder: string): string =>
    execFileSync(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `
          import { asDocument, manifests, writeManifests } from "./scripts/lib/render-manifests.mjs";
          import { recordStack } from "./scripts/lib/render-program.mjs";
          const { registrations } = await recordStack("${stack}", { preview: true });
          const all = manifests(registrations);
          writeManifests(${JSON.stringify(folder)}, all);
          process.stdout.write(all.map(asDocument).join(""));
        `,
      ],
      { cwd: ROOT, encoding: "utf8" },
    );

  it("writes the manifests of staging, with placeholders for what only the vault knows", () =>
    withFolder({}, async (folder) => {
      const text = rendered("staging", folder);
      const kinds = [...text.matchAll(/^kind: (\w+)$/gm)].map(([, kind]) => kind);
      const expected = ["ConfigMap", ...Array<string>(6).fill("ExternalSecret"), "Job"];
      assert.deepEqual(kinds.sort(), expected);
      assert.match(text, /name: db-migrations-<hash>/);
      assert.match(text, /tidemark\.dev\/revision: <known when it is applied>/);
      assert.doesNotMatch(text, /04da6b54/);
      const files = readdirSync(folder).sort();
      assert.equal(files.length, 8);
      assert.match(files.at(-1) ?? "", /^08-job-db-migrations-hash\.yaml$/);
    }));

  it("has nothing to write for dev", () =>
    withFolder({}, async (folder) => assert.equal(rendered("dev", folder), "")));

  for (const [what, args] of [
    ["an unknown flag", ["--format", "json"]],
    ["--out without a folder", ["--out"]],
    ["--stack without a name", ["--stack"]],
  ] as const) {
    it(`${what} is a usage error`, () => {
      const script = join(ROOT, "scripts/render.mjs");
      const { status, stderr } = spawnSync(process.execPath, [script, ...args], {
        cwd: ROOT,
        encoding: "utf8",
      });
      assert.equal(status, 64);
      assert.match(stderr, /error:/);
    });
  }
});
