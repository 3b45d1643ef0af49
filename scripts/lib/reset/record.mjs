// Makes the stack's state say what the new database is like. Its old entry is forgotten first: the database that it
// describes is gone, and all that differs would come out as drift.
import { DEV } from "../arguments.mjs";
import { Failure } from "../failure.mjs";
import { capturePulumi } from "../stack.mjs";

/** Forgets the entries of these databases and records them anew. */
export async function recordAnew(tools, names) {
  const urns = await recordedUrns(tools, names);
  for (const urn of urns) await pulumi(tools, ["state", "delete", urn, "--stack", DEV, "--yes"]);
  const targets = names.flatMap((name) => ["--target", `**::${name}`]);
  const flags = ["--stack", DEV, "--yes", "--skip-preview"];
  await pulumi(tools, ["up", ...flags, ...targets]);
}

async function recordedUrns(tools, names) {
  const text = await pulumi(tools, ["stack", "export", "--stack", DEV]);
  const { deployment } = JSON.parse(text);
  return (deployment?.resources ?? [])
    .filter(
      ({ type, urn }) => type.endsWith(":SchemaVersion") && names.includes(urn.split("::").at(-1)),
    )
    .map(({ urn }) => urn);
}

async function pulumi(tools, args) {
  const { code, stdout, stderr } = await capturePulumi(tools, args);
  if (code === 0) return stdout;
  throw new Failure(
    `the databases are new, and the stack could not record them (pulumi ${args[0]}):\n${(stderr + stdout).trim()}`,
    "npm run up records them.",
  );
}
