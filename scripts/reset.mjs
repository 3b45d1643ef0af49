// npm run reset: one database of stack dev, new and migrated, in seconds.
import { createInterface } from "node:readline/promises";
import { DEV, helpFor, shortName, splitStack } from "./lib/arguments.mjs";
import { parseDevConfig, readDevValues } from "./lib/dev-config.mjs";
import { Failure, command, usage } from "./lib/failure.mjs";
import { withLock } from "./lib/lock.mjs";
import { paths, root } from "./lib/paths.mjs";
import { chooseDatabases } from "./lib/reset/choose.mjs";
import { migrationFailure } from "./lib/reset/failure.mjs";
import { recordAnew } from "./lib/reset/record.mjs";
import { cleanUp, replace } from "./lib/reset/replace.mjs";
import { withServer } from "./lib/reset/server.mjs";
import { setUp } from "./lib/set-up.mjs";
import { paint, say, step } from "./lib/terminal.mjs";

helpFor(`
npm run reset -- <database> [<database> …] [--yes]

Makes databases of stack dev anew: empty, then migrated, from a template that is made once for each state of the
migrations. Their data is lost, and other sessions on them end, so it asks first; --yes answers. No other stack is ever
reset, and no server but the one that npm run up starts here.

If a migration fails, the old database stays as it was. The other databases are not touched.

  npm run reset -- platform
  npm run reset -- platform agents --yes
`);

await command(async () => {
  process.chdir(root);
  const { stack, rest } = splitStack(process.argv.slice(2));
  if (shortName(stack) !== DEV)
    throw usage(`npm run reset is for stack ${DEV} alone, not for ${stack}`);
  const yes = rest.some((argument) => argument === "--yes" || argument === "-y");
  const names = rest.filter((argument) => argument !== "--yes" && argument !== "-y");
  const canAsk = Boolean(process.stdin.isTTY && process.stdout.isTTY);
  if (names.length > 0 && !yes && !canAsk)
    throw usage(
      `a reset loses the data of ${names.join(", ")}, and there is no terminal to ask on`,
      `npm run reset -- ${names.join(" ")} --yes`,
    );
  const tools = await setUp(DEV);
  const configs = chooseDatabases(parseDevConfig(await readDevValues(tools)), names, tools.server);
  return withLock(paths.resetLock, () => reset(tools, configs, yes), waiting);
});

function waiting(pid) {
  say(`another reset (process ${pid}) is at work here; waiting for it`);
}

async function reset(tools, configs, yes) {
  return withServer(configs[0], async (server) => {
    say();
    for (const config of configs) await describe(server, config);
    if (!yes && !(await isConfirmed(configs))) {
      say("Nothing was changed.");
      return 1;
    }
    for (const note of await cleanUp(server, configs)) say(`${paint.yellow("·")} ${note}`);
    const done = [];
    const failed = [];
    for (const config of configs) {
      try {
        await step(config.name, ({ progress }) => replace(server, config, progress));
        done.push(config.name);
      } catch (error) {
        failed.push(migrationFailure(error, config));
      }
    }
    if (done.length > 0) {
      await step("stack", async () => {
        await recordAnew(tools, done);
        return { reason: `${done.join(", ")} recorded` };
      });
    }
    if (failed.length > 0)
      throw new Failure(failed.map(({ message }) => message).join("\n\n"), failed[0].next, 65);
    return 0;
  });
}

/** What would be lost. */
async function describe(server, { name, database }) {
  const size = await server.sizeOf(database);
  if (size === undefined) return say(`${paint.bold(name)}  there is no database ${database}`);
  const sessions = await server.sessions(database);
  const count =
    sessions.length === 1 ? "1 other session" : `${sessions.length || "no"} other sessions`;
  say(`${paint.bold(name)}  ${size}, ${count}${sessions.length > 0 ? " that will end:" : ""}`);
  for (const { pid, application, user, state } of sessions.slice(0, 10))
    say(`  pid ${pid}  ${[application, user, state].filter(Boolean).join(", ")}`.slice(0, 80));
  if (sessions.length > 10) say(`  and ${sessions.length - 10} more`);
}

async function isConfirmed(configs) {
  const line = createInterface({ input: process.stdin, output: process.stdout });
  const names = configs.map(({ name }) => name).join(", ");
  const asked = line.question(`All data of ${names} will be lost. Reset? [y/N] `);
  // Ctrl-C and Ctrl-D are a no.
  const closed = new Promise((resolve) => line.once("close", () => resolve("")));
  const answer = await Promise.race([asked, closed]);
  line.close();
  return /^y(?:es)?$/i.test(answer.trim());
}
