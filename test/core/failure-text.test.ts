import assert from "node:assert/strict";

import { type ErrorFields, type Problem, TidemarkError } from "../../engine/core/errors";
import { failureLines, failureMessages, failureText } from "../../engine/core/failure-text";
import { Secrets } from "../../engine/core/secrets";

const secrets = new Secrets({ values: ["pass-word-1", "V4__x.sql"] });

const failure = (more: Partial<ErrorFields> = {}, problems?: readonly Problem[]): TidemarkError =>
  new TidemarkError(
    {
      code: "ERROR",
      class: "migrations",
      message: "V4__x.sql:3:9: it is pass-word-1",
      remedy: "Change pass-word-1.",
      migration: "V4__x.sql",
      line: 3,
      column: 9,
      sqlState: "42601",
      excerpt: "3 | pass-word-1 X\n  |             ^",
      ...more,
    },
    problems,
  );

describe("core/failure-text", () => {
  it("scrubs message, remedy and excerpt, and leaves the data", () => {
    assert.deepEqual(failureText(failure(), secrets), {
      code: "ERROR",
      class: "migrations",
      message: "V4__x.sql:3:9: it is [secret]",
      remedy: "Change [secret].",
      migration: "V4__x.sql",
      line: 3,
      column: 9,
      sqlState: "42601",
      excerpt: "3 | [secret] X\n  |          ^",
      problems: [],
    });
  });

  it("scrubs what each problem says, and neither its version nor its description", () => {
    const problem: Problem = {
      code: "CHECKSUM_MISMATCH",
      version: "pass-word-1",
      description: "add pass-word-1 x",
      message: 'pass-word-1 "add pass-word-1 x" has changed: V4__x.sql',
      remedy: "Undo it: V4__x.sql.",
    };
    const text = failureText(failure({ migration: undefined }, [problem]), secrets);
    assert.deepEqual(text.problems, [
      {
        ...problem,
        message: 'pass-word-1 "add pass-word-1 x" has changed: [secret]',
        remedy: "Undo it: [secret].",
      },
    ]);
  });

  it("scrubs the excerpt of a problem, and shows it between fact and remedy", () => {
    const problem: Problem = {
      code: "ERROR",
      version: null,
      description: "a",
      message: "wrong",
      remedy: "Mend it.",
      excerpt: "3 | pass-word-1 X\n  |             ^",
    };
    const text = failureText(failure({}, [problem]), secrets);
    assert.equal(text.problems[0]?.excerpt, "3 | [secret] X\n  |          ^");
    assert.deepEqual(failureLines(text), [
      "[ERROR] wrong\n3 | [secret] X\n  |          ^\nRemedy: Mend it.",
    ]);
  });

  it("has no place in the text where there is none", () => {
    const [line] = failureLines(failureText(failure({ excerpt: undefined }), secrets));
    assert.equal(line, "[ERROR] V4__x.sql:3:9: it is [secret]\nRemedy: Change [secret].");
  });

  it("names the database of the stack in remedies of the failure and of its problems", () => {
    const remedy = "Correct it, then run repair.";
    const problem = {
      code: "ERROR",
      version: null,
      description: "a",
      message: "m",
      remedy,
    } as const;
    const target = { stack: "dev", database: "shop" };
    const text = failureText(failure({ remedy }, [problem]), secrets, target);
    const command = "Correct it, then run `tidemark repair --stack dev --database shop`.";
    assert.deepEqual([text.remedy, text.problems[0]?.remedy], [command, command]);
  });

  it("shows where in the code only of a bug, not of what has caused another failure", () => {
    const refused = failure({ cause: new Error("ECONNREFUSED") });
    assert.equal(refused.name, "TidemarkError");
    assert.equal(failureText(refused, secrets).stack, undefined);
  });

  it("has one text for each problem, or one for the failure", () => {
    const problem = (message: string): Problem => ({
      code: "TYPE_MISMATCH",
      version: "1",
      description: "a",
      message,
      remedy: "Mend it.",
    });
    const single = failureText(failure(), secrets);
    assert.deepEqual(failureMessages(single), ["[ERROR] V4__x.sql:3:9: it is [secret]"]);
    assert.deepEqual(failureLines(single), [
      "[ERROR] V4__x.sql:3:9: it is [secret]\n3 | [secret] X\n  |          ^\nRemedy: Change [secret].",
    ]);
    const two = failureText(failure({}, [problem("one"), problem("two")]), secrets);
    assert.deepEqual(failureMessages(two), ["[TYPE_MISMATCH] one", "[TYPE_MISMATCH] two"]);
    assert.deepEqual(failureLines(two), [
      "[TYPE_MISMATCH] one\nRemedy: Mend it.",
      "[TYPE_MISMATCH] two\nRemedy: Mend it.",
    ]);
  });

  it("says of anything else that it is a bug, and where, without a secret", () => {
    const text = failureText(new RangeError("no pass-word-1"), secrets);
    assert.deepEqual([text.code, text.class], ["FAULT", "bug"]);
    const [line = ""] = failureLines(text);
    assert.match(line, /^A bug of Tidemark: RangeError: no \[secret\]\n +at .*failure-text\.test/);
    assert.deepEqual(failureLines(failureText("odd", secrets)), [
      "[FAULT] A bug of Tidemark: odd\nRemedy: Please report it, with the command and this message.",
    ]);
  });
});
