/** Samples that are read rather than run: configuration, TypeScript, reports. */
import { strict as assert } from "node:assert";
import { join } from "node:path";

import ts from "typescript";
import { parse } from "yaml";

import { parseStackConfig } from "../../config/parse";
import { decodeReport } from "../../engine/job/report";
import { asPulumiGivesIt } from "../support/stack-file";
import { REPOSITORY, type Sample } from "./blocks";

/** What a stack has besides the lines of a sample. */
const REST_OF_THE_STACK = {
  namespace: "ameide",
  server: { host: "db.example", user: "app", password: "from the documentation" },
  secretStore: { kind: "plain" },
  databases: { platform: {} },
};

/** Kind of a mark → the check; each throws where the sample is not what the program takes or gives. */
export const CHECKS: Readonly<Record<string, (sample: Sample) => void>> = {
  /** Lines of a stack file, with their namespace. */
  stack: ({ text }) => {
    const keys = Object.entries(parse(text) as Record<string, unknown>);
    assert.notEqual(keys.length, 0);
    accept(
      Object.fromEntries(
        keys.map(([key, value]) => {
          assert.match(key, /^tidemark:/);
          return [key.replace("tidemark:", ""), value];
        }),
      ),
    );
  },
  /** Lines below `tidemark:databases`. */
  database: ({ text }) => accept({ databases: parse(text) as unknown }),
  types: ({ text }) => assert.deepEqual(typeErrors(text), []),
  /** The report of a Job: what the program reads from it is all of it. */
  report: ({ text }) => {
    const report = decodeReport(text);
    assert.deepEqual(JSON.parse(JSON.stringify(report)), JSON.parse(text));
  },
};

function accept(values: Readonly<Record<string, unknown>>): void {
  const { databases } = parseStackConfig(
    "sample",
    asPulumiGivesIt({ ...REST_OF_THE_STACK, ...values }),
  );
  assert.notEqual(databases.length, 0);
}

export function typeErrors(source: string): string[] {
  const path = join(REPOSITORY, "sample-of-the-documentation.ts");
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
  };
  const host = ts.createCompilerHost(options);
  const [readFile, fileExists, getSourceFile] = [
    host.readFile.bind(host),
    host.fileExists.bind(host),
    host.getSourceFile.bind(host),
  ];
  host.readFile = (name) => (name === path ? source : readFile(name));
  host.fileExists = (name) => name === path || fileExists(name);
  host.getSourceFile = (name, target, ...others) =>
    name === path
      ? ts.createSourceFile(name, source, target)
      : getSourceFile(name, target, ...others);
  const program = ts.createProgram([path], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}
