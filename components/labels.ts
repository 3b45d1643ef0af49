import * as pulumi from "@pulumi/pulumi";

const MAX_LABEL = 63;

/** Labels of everything that the stack makes in a cluster. */
export function labels(own: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    "app.kubernetes.io/name": "db-migrations",
    "app.kubernetes.io/managed-by": "tidemark",
    "tidemark.dev/stack": labelValue(pulumi.getStack()),
    ...own,
  };
}

/** A text as the value of a label: at most 63 characters, with a letter or digit at both ends. */
export function labelValue(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]/g, "-")
    .slice(0, MAX_LABEL)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}
