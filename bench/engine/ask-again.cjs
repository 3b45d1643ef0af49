// Asks one question twice in one process and prints the processor time of each answer, in milliseconds, as JSON.
// Arguments: the question (plan, info, validate), the folder. The database comes from FLYWAY_URL, _USER and _PASSWORD.
const { DEFAULT_OPTIONS, Migrator, parseConnectionUrl } = require("../../bin/engine/index.js");

const [question, folder] = process.argv.slice(2);
const { FLYWAY_URL: url, FLYWAY_USER: user, FLYWAY_PASSWORD: password } = process.env;
const migrator = new Migrator({
  connection: { ...parseConnectionUrl(url), user, password },
  options: { ...DEFAULT_OPTIONS, locations: [folder] },
});

async function ask() {
  const before = process.cpuUsage();
  await migrator[question]();
  const { user: own, system } = process.cpuUsage(before);
  return (own + system) / 1000;
}

ask()
  .then(async (first) => console.log(JSON.stringify([first, await ask()])))
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
