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
  const values = Object.fromEntries(own) as Record<string, string>;
  values.kubernetes ??= JSON.stringify(defaultCluster());
  try {
    return parseStackConfig(pulumi.getStack(), values);
  } catch (error) {
    // Pulumi shows a RunError without a stack trace.
    if (error instanceof ConfigError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

/** The cluster that Pulumi's own Kubernetes provider is configured for: all parts of the program mean the same one. */
function defaultCluster(): { kubeconfig?: string; context?: string } {
  const config = new pulumi.Config("kubernetes");
  const kubeconfig = config.get("kubeconfig");
  const context = config.get("context");
  return { ...(kubeconfig && { kubeconfig }), ...(context && { context }) };
}
