import type { z } from "zod";

/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** As it stands in the stack file: `tidemark:databases.agents.baseline.version`. */
  readonly path: string;
  readonly message: string;
}

/** All that is wrong with the configuration, at once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(stack: string, problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ path, message }) => `  ${path}: ${message}`);
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(
      `${count} in the configuration of stack ${stack} (Pulumi.${stack}.yaml):\n${lines.join("\n")}`,
    );
    this.problems = problems;
  }
}

/** The problems of a zod error, each at its own path; keys that nobody knows are named one by one. */
export function problemsOf(
  error: z.ZodError,
  allowed: (path: readonly PropertyKey[]) => readonly string[],
): ConfigProblem[] {
  return error.issues.flatMap((issue): ConfigProblem[] => {
    if (issue.code === "unrecognized_keys") {
      const known = allowed(issue.path);
      const hint = known.length > 0 ? ` Known here: ${known.join(", ")}.` : "";
      return issue.keys.map((key) => ({
        path: pathText([...issue.path, key]),
        message: `is not a known key.${hint}`,
      }));
    }
    if (issue.code === "invalid_key") {
      return issue.issues.map((inner) => ({ path: pathText(issue.path), message: inner.message }));
    }
    const missing = issue.code === "invalid_type" && issue.message.includes("received undefined");
    return [{ path: pathText(issue.path), message: missing ? "is missing." : issue.message }];
  });
}

/** The path as `pulumi config set --path` takes it: `tidemark:databases.agents`, `tidemark:job.labels["a.b/c"]`. */
export function pathText(path: readonly PropertyKey[]): string {
  const [first = "", ...others] = path.map(String);
  const rest = others.map((part) =>
    /^[\w-]+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`,
  );
  return `tidemark:${first}${rest.join("")}`;
}
