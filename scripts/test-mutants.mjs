// npm run test:mutants: whether the unit tests notice a change of the code; the last line is "N passed, N failed".
import { helpFor } from "./lib/arguments.mjs";
import { TESTS, compile } from "./lib/compile.mjs";
import { Failure } from "./lib/failure.mjs";
import { checkNode, installDependencies } from "./lib/install.mjs";
import { FOLDERS, ensureStryker, mutate } from "./lib/mutants.mjs";
import { alone } from "./lib/set-up.mjs";
import { say, step } from "./lib/terminal.mjs";
import { testCommand } from "./lib/test-command.mjs";

/** Percent of the mutants of a folder that the unit tests have to notice. */
const LEAST = 90;

helpFor(`
npm run test:mutants [-- [--quick] <folder or file>…]

Changes the code of ${FOLDERS.join(", ")} in thousands of small ways with Stryker, and runs the unit tests (those that
need neither PostgreSQL nor an engine: docs/testing.md) on each. A change that no test notices is printed. Fails where
fewer than ${LEAST} % are noticed in a folder. The last line is \`N passed, N failed\`: a folder counts as one. A folder takes
about ten minutes on two idle processors, most of it for what runs while a module loads (tables, regular expressions):
--quick leaves that out.

  npm run test:mutants
  npm run test:mutants -- config                              one folder
  npm run test:mutants -- engine/core/version.ts              one file
  npm run test:mutants -- --quick config                      without what runs while a module loads
  TIDEMARK_MUTANTS_AT_ONCE=4 npm run test:mutants             processes at once (default: all processors but one)
`);

await testCommand(run);

async function run(words) {
  checkNode();
  const isQuick = words.includes("--quick");
  const folders = chosen(words.filter((word) => word !== "--quick"));
  const stryker = await alone(async () => {
    await step("dependencies", installDependencies);
    await step("program", (report) => compile(TESTS, report));
    return step("Stryker", ensureStryker);
  });
  const scores = [];
  for (const [folder, files] of folders) scores.push(await mutate(stryker, folder, files, isQuick));
  say();
  for (const score of scores) say(line(score));
  const failed = scores.filter(({ percent }) => percent < LEAST).length;
  return { passed: scores.length - failed, failed };
}

/** The files to change of each folder: `[folder, patterns]`. */
function chosen(words) {
  const wanted = words.map((word) => word.replace(/^\.\//, "").replace(/\/$/, ""));
  const foreign = wanted.find((word) => !FOLDERS.some((folder) => isWithin(word, folder)));
  if (foreign !== undefined) {
    throw new Failure(
      `${foreign} is not among what this command changes`,
      `Name a folder or a file of ${FOLDERS.join(", ")}.`,
    );
  }
  return FOLDERS.map((folder) => [folder, patterns(folder, wanted)]).filter(
    ([, all]) => all.length,
  );
}

function patterns(folder, wanted) {
  if (wanted.length === 0 || wanted.includes(folder)) return [`${folder}/**/*.ts`];
  return wanted.filter((word) => isWithin(word, folder));
}

function isWithin(word, folder) {
  return word === folder || word.startsWith(`${folder}/`);
}

function line({ folder, mutants, noticed, percent }) {
  const verdict = percent < LEAST ? `less than ${LEAST} %` : "";
  const figures = `${noticed} of ${mutants} mutants noticed, ${percent.toFixed(1)} %`;
  return `${folder.padEnd(14)}${figures}  ${verdict}`.trimEnd();
}
