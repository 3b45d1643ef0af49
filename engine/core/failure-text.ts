import {
  asFailure,
  type ErrorClass,
  type ErrorCode,
  type ErrorPlace,
  type Problem,
} from "./errors";
import { pasteable, type StackTarget } from "./remedy";
import type { Secrets } from "./secrets";

/** A failure as it may be shown: the messages without secrets, the data as it is. */
export interface FailureText extends ErrorPlace {
  readonly code: ErrorCode;
  readonly class: ErrorClass;
  readonly message: string;
  /** What the user can do next. */
  readonly remedy: string;
  /** In place of the message, where there are any. */
  readonly problems: readonly Problem[];
  /** Of a bug of ours: where in the code it is. */
  readonly stack?: string;
}

/**
 * The only way from an error to what is shown of it: in a terminal, as JSON, in a Job's report or by Pulumi.
 * @param target the database of a stack that it is about, where that is known: remedies name it
 */
export function failureText(error: unknown, secrets: Secrets, target?: StackTarget): FailureText {
  const { code, class: errorClass, message, remedy, problems, place, cause } = asFailure(error);
  const names = namesIn(place, problems);
  const scrub = (text: string): string => secrets.scrub(text, names);
  const remedyOf = (text: string): string => scrub(target ? pasteable(text, target) : text);
  const { excerpt, ...where } = place;
  const stack = errorClass === "bug" && cause instanceof Error ? cause.stack : undefined;
  return {
    code,
    class: errorClass,
    message: scrub(message),
    remedy: remedyOf(remedy),
    problems: problems.map((problem) => ({
      ...problem,
      message: scrub(problem.message),
      remedy: remedyOf(problem.remedy),
      ...(problem.excerpt !== undefined && {
        excerpt: secrets.scrubExcerpt(problem.excerpt, names),
      }),
    })),
    ...where,
    ...(excerpt !== undefined && { excerpt: secrets.scrubExcerpt(excerpt, names) }),
    ...(stack !== undefined && { stack: scrub(stack) }),
  };
}

function namesIn({ migration }: ErrorPlace, problems: readonly Problem[]): string[] {
  const ofProblems = problems.flatMap(({ version, description }) => [version ?? "", description]);
  return [migration ?? "", ...ofProblems];
}

/** Code and message in one text: of each problem, or else of the failure itself. */
export function failureMessages({ code, message, problems }: FailureText): string[] {
  return problems.length > 0 ? problems.map(withCode) : [withCode({ code, message })];
}

/** All that the user needs, in one text for each problem: code, message, the place in the script, remedy. */
export function failureLines(text: FailureText): string[] {
  if (text.stack !== undefined) return [`A bug of Tidemark: ${text.stack}`];
  return text.problems.length > 0 ? text.problems.map(lineOf) : [lineOf(text)];
}

function lineOf(failure: Pick<Problem, "code" | "message" | "remedy" | "excerpt">): string {
  const excerpt = failure.excerpt ? `\n${failure.excerpt}` : "";
  return `${withCode(failure)}${excerpt}\nRemedy: ${failure.remedy}`;
}

const withCode = ({ code, message }: Pick<Problem, "code" | "message">): string =>
  `[${code}] ${message}`;
