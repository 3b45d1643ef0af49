export { lintScript, type LintInput } from "./lint-script";
export type { PlaceholderSyntax } from "../analysis/mask-placeholders";
export type { LintCode, LintProblem } from "./problem";
