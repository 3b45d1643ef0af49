// npm run bench: how fast we are, beside the peers that are installed here. Measures and tells; asserts nothing.
import { measure } from "../bench/run.mjs";
import { helpFor } from "./lib/arguments.mjs";
import { command, usage } from "./lib/failure.mjs";

helpFor(`
npm run bench [-- <group>…] [--pairs <n>] [--only <words>]

Measures beside the peers that are installed here (psql, Flyway, node-pg-migrate, graphile-migrate, dbmate), all in one
run on one PostgreSQL server of its own, taking turns. Prints Markdown tables, and writes them to .tidemark/bench/<group>.md.

  npm run bench                            all groups: stack, engine
  npm run bench -- engine                  only this group
  npm run bench -- engine --only "50 MB"   only the sections whose title holds this; then no file is written
  npm run bench -- --pairs 11              rounds to measure, after one to warm up (default 5)

Peers are looked for on PATH; TIDEMARK_BENCH_PEERS names a folder with others (its node_modules/.bin counts, too).
Real Flyway is the one that \`npm run test:interop\` sets up. Have the machine to yourself: numbers are only as good.
`);

await command(() => measure(readArguments(process.argv.slice(2))));

function readArguments(args) {
  const options = { groups: [], pairs: 5, only: undefined };
  for (let rest = args; rest.length > 0; rest = rest.slice(1)) {
    const [word, value] = rest;
    if (word === "--pairs" || word === "--only") {
      if (value === undefined) throw usage(`${word} needs a value`, "npm run bench -- --help");
      options[word.slice(2)] = word === "--pairs" ? readCount(value) : value;
      rest = rest.slice(1);
    } else if (word.startsWith("-"))
      throw usage(`unknown flag: ${word}`, "npm run bench -- --help");
    else options.groups.push(word);
  }
  return options;
}

function readCount(text) {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw usage(`--pairs: "${text}" is not a whole number above 0`);
}
