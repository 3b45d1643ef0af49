/** Blocks that no test can run or read: document, first line, reason. One that matches no block any more is an error. */
export const EXEMPT: readonly (readonly [file: string, firstLine: string, reason: string])[] = [
  ["docs/architecture.md", "index.ts ──▶ config/", "a picture"],
  ["docs/architecture.md", "files ──▶ resolved migrations", "a picture"],
  ["docs/azure.md", "tidemark:server.password ──▶ Key Vault", "a picture"],
  ["docs/azure.md", "helm repo add external-secrets", "needs helm and a cluster"],
];
