import * as pulumi from "@pulumi/pulumi";

import { parseStackConfig } from "./parse";
import { ConfigError } from "./problem";
import type { StackConfig } from "./stack-config";

const NAMESPACE = "tidemark:";

/**
 * The configuration of the current stack.
 * @throws RunError that lists every problem with its path.
 */
export function loadStackConfig(): StackConfig {
  // All keys, and not each by its name, so that a misspelt one is found.
  const all = Object.entries(pulumi.runtime.allConfig());
  const own = all
    .filter(([key]) => key.startsWith(NAMESPACE))
    .map(([key, text]) => [key.slice(NAMESPACE.length), text]);
  try {
    return parseStackConfig(pulumi.getStack(), Object.fromEntries(own) as Record<string, string>);
  } catch (error) {
    // Pulumi shows a RunError without a stack trace.
    if (error instanceof ConfigError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
