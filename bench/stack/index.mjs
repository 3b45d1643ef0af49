// The Pulumi program, as a user runs it.
import { join } from "node:path";
import { measureMemory, takeTurns } from "../lib/measure.mjs";
import { absentRow, megabytes, otherRow, ownRow } from "../lib/table.mjs";
import { withClone } from "./clone.mjs";

export const stackGroup = {
  title: "Stack",
  sections: [
    { title: "pulumi preview, nothing to do", work: measurePreview },
    { title: "pulumi up, nothing to do, by the number of applied migrations", work: measureUp },
    { title: "pulumi preview by the number of databases", work: measureDatabases },
    { title: "npm run up, nothing to do", work: measureSecondRun },
  ],
  around: (context, work) =>
    withClone(join(context.folder, "clone"), (clone) => work({ ...context, clone })),
};

async function measurePreview({ clone, pairs }) {
  const tiny = await clone.addTinyProject();
  const own = preview("stack dev, five databases", "dev", clone);
  const other = { ...preview("a stack without a database", "tiny", clone), cwd: tiny };
  const [ours, theirs] = await takeTurns([own, other], { pairs });
  const processes = (await measureMemory(own)) ?? [];
  const row = (who, part, goal) => {
    const found = processes.find(({ command }) => command.includes(part));
    if (!found) return absentRow("memory", who, "not known on this system");
    return ownRow("memory", who, [found.bytes], { unit: megabytes, goal });
  };
  return {
    rows: [
      ownRow("pulumi preview", own.name, ours.wall, { goal: 4000 }),
      otherRow("pulumi preview", other.name, theirs.wall, ours.wall, { goal: 1.3 }),
      row("the program's process", "pulumi/cmd/run", 250e6),
      row("the provider's process", "pulumi/cmd/dynamic-provider"),
    ],
  };
}

async function measureUp({ clone, pairs }) {
  await clone.addStack("few", 3);
  await clone.addStack("many", 1000);
  const up = (name, stack) => pulumi(name, ["up", "--yes", "--stack", stack], clone);
  const contenders = [up("1,000 applied", "many"), up("3 applied", "few")];
  const [many, few] = await takeTurns(contenders, { pairs });
  return {
    rows: [
      ownRow("pulumi up", many.name, many.wall),
      otherRow("pulumi up", few.name, few.wall, many.wall, { goal: 1.5 }),
    ],
  };
}

async function measureDatabases({ clone, pairs }) {
  await clone.addStack("five", 3, { databases: 5 });
  await clone.addStack("fifty", 3, { databases: 50 });
  const contenders = [
    preview("50 databases", "fifty", clone),
    preview("5 databases", "five", clone),
  ];
  const [fifty, five] = await takeTurns(contenders, { pairs });
  return {
    rows: [
      ownRow("pulumi preview", fifty.name, fifty.wall),
      otherRow("pulumi preview", five.name, five.wall, fifty.wall, { goal: 3 }),
    ],
  };
}

async function measureSecondRun({ clone, pairs }) {
  const run = {
    name: "npm run up",
    program: "npm",
    args: ["run", "--silent", "up"],
    cwd: clone.folder,
    env: clone.setUpEnvironment,
  };
  const [{ wall }] = await takeTurns([run], { pairs });
  return { rows: [ownRow(run.name, "all of it, npm too", wall, { goal: 12_000 })] };
}

const preview = (name, stack, clone) => pulumi(name, ["preview", "--stack", stack], clone);

const pulumi = (name, args, clone) => ({
  name,
  program: clone.pulumi,
  args: [...args, "--non-interactive", "--expect-no-changes"],
  cwd: clone.folder,
  env: clone.environment,
});
