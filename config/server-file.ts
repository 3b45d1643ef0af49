import { readFileSync } from "node:fs";

import { z } from "zod";

import type { ConfigProblem } from "./problem";
import type { ServerConfig } from "./schema";

const fileSchema = z.object({
  host: z.string(),
  port: z.int(),
  user: z.string(),
  password: z.string(),
});

/** Takes host, port, user and password from the file that `server.file` names; keys beside it win. */
export function readServerFile(server: ServerConfig): {
  server: ServerConfig;
  problems: ConfigProblem[];
} {
  const { file, ...own } = server;
  if (file === undefined) return { server: own, problems: [] };
  const problem = (message: string) => ({
    server: own,
    problems: [{ path: "tidemark:server.file", message }],
  });
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return problem(`cannot be read: ${file}. Start PostgreSQL first: npm run up.`);
  }
  try {
    return { server: { ...fileSchema.parse(JSON.parse(text)), ...own }, problems: [] };
  } catch {
    return problem(
      `is not a JSON object with host, port, user and password: ${file}. Make it anew: npm run up.`,
    );
  }
}
