export { lintScript, type LintInput } from "./lint-script";
export type { PlaceholderSyntax } from "./lint-text";
export type { LintCode, LintProblem } from "./problem";
