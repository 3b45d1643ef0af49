// Runs the groups of benchmarks and writes their tables.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { PROGRAM, compile } from "../scripts/lib/compile.mjs";
import { usage } from "../scripts/lib/failure.mjs";
import { checkNode, installDependencies } from "../scripts/lib/install.mjs";
import { local, root } from "../scripts/lib/paths.mjs";
import { alone } from "../scripts/lib/set-up.mjs";
import { engineGroup } from "./engine/index.mjs";
import { busyRemark, machineFacts } from "./lib/machine.mjs";
import { withServer } from "./lib/server.mjs";
import { markdownTable } from "./lib/table.mjs";
import { tell } from "./lib/tell.mjs";
import { stackGroup } from "./stack/index.mjs";

const GROUPS = { stack: stackGroup, engine: engineGroup };
const folder = join(local, "bench");

/** Measures the chosen groups, all of them if none is chosen. */
export async function measure({ groups, pairs, only }) {
  const unknown = groups.find((name) => !GROUPS[name]);
  if (unknown) throw usage(`there is no group ${unknown}: ${Object.keys(GROUPS).join(", ")}`);
  checkNode();
  const report = { progress: tell };
  await alone(async () => {
    await installDependencies(report);
    await compile(PROGRAM, report);
  });
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  await withServer(join(folder, "postgres"), async (server) => {
    for (const name of groups.length > 0 ? groups : Object.keys(GROUPS)) {
      await measureGroup(name, { server, pairs, only, folder });
    }
  });
}

async function measureGroup(name, context) {
  const wanted = ({ title }) =>
    !context.only || title.toLowerCase().includes(context.only.toLowerCase());
  const group = GROUPS[name];
  const sections = group.sections.filter(wanted);
  if (sections.length === 0) return;
  const head = [`## ${group.title}`, "", await machineFacts(context), ""].join("\n");
  process.stdout.write(`${head}\n`);
  const parts = [head];
  await group.around(context, async (prepared) => {
    for (const { title, work } of sections) {
      tell(`${name}: ${title}`);
      const section = await measureSection(title, () => work(prepared));
      process.stdout.write(`${section}\n`);
      parts.push(section);
    }
  });
  if (context.only) return;
  const file = join(folder, `${name}.md`);
  writeFileSync(file, parts.join("\n"));
  tell(`written to ${relative(root, file)}`);
}

async function measureSection(title, work) {
  const busy = await busyRemark();
  const { rows, notes = [] } = await work();
  const remarks = [...notes, busy].filter(Boolean).map((note) => `${note}\n`);
  return [`### ${title}`, "", markdownTable(rows), "", ...remarks].join("\n");
}
