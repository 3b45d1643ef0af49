// Progress, on stderr: stdout holds the tables and nothing else.
import { performance } from "node:perf_hooks";

export function tell(text) {
  const elapsed = (performance.now() / 1000).toFixed(0).padStart(4);
  process.stderr.write(`${elapsed} s  ${text}\n`);
}
