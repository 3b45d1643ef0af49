import { z } from "zod";

import { completeConfig } from "./complete";
import { ConfigError, type ConfigProblem, pathText, problemsOf } from "./problem";
import { salvage } from "./salvage";
import { stackSchema } from "./schema";
import { readServerFile } from "./server-file";
import type { Contradiction, StackConfig } from "./stack-config";

/**
 * Untrusted configuration (key without namespace → text as Pulumi stores it) to a configuration that can be relied on.
 * @throws ConfigError that lists every problem with its path.
 */
export function parseStackConfig(
  stack: string,
  raw: Readonly<Record<string, string>>,
): StackConfig {
  const values: Record<string, unknown> = {};
  const problems: ConfigProblem[] = [];
  for (const [key, text] of Object.entries(raw)) {
    const value = structured(text);
    if (value === undefined)
      problems.push({
        path: pathText([key]),
        message: "begins like a list or a map, and is not valid JSON. Set it in the stack file.",
      });
    else values[key] = value;
  }
  const parsed = stackSchema.safeParse(values, { reportInput: false });
  if (!parsed.success) problems.push(...problemsOf(parsed.error, knownKeys));
  const entry = parsed.success ? parsed.data : salvage(values);
  if (!entry) throw new ConfigError(stack, problems);
  const file = readServerFile(entry.server);
  problems.push(...file.problems);
  const completed = completeConfig(entry, file.server);
  problems.push(...newProblems(completed.problems, problems));
  if (problems.length > 0) throw new ConfigError(stack, problems);
  return completed.config;
}

/** Pulumi hands over maps and lists as JSON, and everything else as the bare text. */
function structured(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === "true" || trimmed === "false") return trimmed === "true";
  if (!/^[[{]/.test(trimmed)) return text;
  try {
    return JSON.parse(trimmed) as unknown;
  } catch {
    return undefined;
  }
}

/** Each contradiction once, and none that may only follow from a mistake that is reported already. */
function newProblems(
  contradictions: readonly Contradiction[],
  known: readonly ConfigProblem[],
): ConfigProblem[] {
  const isWrong = (path: string): boolean =>
    known.some((problem) => path === problem.path || path.startsWith(`${problem.path}.`));
  const seen = new Set<string>();
  return contradictions
    .filter(({ path, dependsOn }) => ![path, ...dependsOn].some(isWrong))
    .filter(({ path }) => !seen.has(path) && seen.add(path));
}

/** The keys that the schema allows at a path. */
function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = stackSchema;
  for (const key of path) schema = childOf(unwrap(schema), String(key));
  const last = unwrap(schema);
  return last instanceof z.ZodObject ? Object.keys(last.shape) : [];
}

function childOf(schema: unknown, key: string): unknown {
  if (schema instanceof z.ZodObject) return (schema.shape as Record<string, unknown>)[key];
  if (schema instanceof z.ZodRecord) return schema.valueType;
  return undefined;
}

function unwrap(schema: unknown): unknown {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    return unwrap(schema.unwrap());
  if (schema instanceof z.ZodPipe)
    return unwrap(schema.out instanceof z.ZodTransform ? schema.in : schema.out);
  return schema;
}
