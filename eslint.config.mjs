import js from "@eslint/js";
import simpleImportSort from "eslint-plugin-simple-import-sort";
import tseslint from "typescript-eslint";

/** Which folder may import which: design.md "Shape". Arrow points down only. */
const forbid = (files, ...groups) => ({
  files,
  rules: {
    "@typescript-eslint/no-restricted-imports": [
      "error",
      { patterns: groups.map(([group, message]) => ({ group, message })) },
    ],
  },
});

const pulumi = ["@pulumi/*"];
const EFFECTS = ["node:*", "pg", "commander", "@pulumi/*"];
const ROOMS = ["analysis", "files", "postgres", "run", "job", "cli", "lint"];
const rooms = (...names) => names.flatMap((name) => [`../${name}/*`, `../../${name}/*`]);
const ENGINE_PURE = [
  [...EFFECTS, ...rooms(...ROOMS)],
  "engine/core is pure: it imports nothing but core and the options",
];
const ENGINE_ANALYSIS = [
  [...EFFECTS, ...rooms(...ROOMS.filter((room) => room !== "analysis"))],
  "engine/analysis is pure: it imports nothing but analysis and core",
];

export default tseslint.config(
  { ignores: ["bin/", ".tidemark/", "node_modules/", "scripts/engine/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: { defaultProject: "test/tsconfig.json" } },
    },
    plugins: { "simple-import-sort": simpleImportSort },
    rules: {
      "simple-import-sort/imports": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/require-await": "off",
      "no-console": "error",
      "max-lines": ["error", { max: 350, skipBlankLines: true, skipComments: true }],
    },
  },
  forbid(
    ["engine/options/**/*.ts"],
    [[...EFFECTS, "../*"], "engine/options is the lowest: it imports nothing but zod"],
  ),
  forbid(["engine/core/**/*.ts"], ENGINE_PURE),
  forbid(["engine/analysis/**/*.ts"], ENGINE_ANALYSIS),
  forbid(
    ["engine/*.ts", "engine/{files,postgres}/**/*.ts"],
    [pulumi, "the engine has no Pulumi in it"],
    [rooms("run", "job", "cli", "lint"), "files and postgres are below run, job, cli and lint"],
  ),
  forbid(
    ["engine/run/**/*.ts"],
    [pulumi, "the engine has no Pulumi in it"],
    [rooms("job", "cli", "lint"), "run is below job, cli and lint"],
  ),
  forbid(["engine/{cli,job,lint}/**/*.ts"], [pulumi, "the engine has no Pulumi in it"]),
  forbid(
    ["config/**/*.ts"],
    [
      [
        "**/components/*",
        "**/provider/*",
        "**/engine/index",
        ...["core", ...ROOMS].map((room) => `**/engine/${room}/**`),
      ],
      "config imports nothing of the program but the table of options, which has no effects",
    ],
  ),
  {
    files: ["components/**/*.ts", "index.ts"],
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              // What a Job is given and what it reports are formats that both sides have to know.
              regex: "(^|/)engine/(?!job/(spec|bundle|report)$)",
              message: "the program reaches the engine only through the provider",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["provider/{schema-version,synced-secret,cluster-ready,late-bound}.ts"],
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["**/engine/**", "./operations*", "./*-operations*"],
              allowTypeImports: true,
              message:
                "what the provider's closure captures goes into state: load the engine at run time",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-unused-expressions": "off",
      "max-lines": ["error", { max: 500, skipBlankLines: true, skipComments: true }], // tables of cases
      "@typescript-eslint/no-floating-promises": [
        "error",
        { allowForKnownSafeCalls: ["describe", "it"] },
      ],
    },
  },
  {
    files: ["**/*.{mjs,cjs}"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        module: "writable",
        URL: "readonly",
        setTimeout: "readonly",
        clearTimeout: "readonly",
        fetch: "readonly",
        AbortSignal: "readonly",
        Buffer: "readonly",
      },
    },
  },
);
