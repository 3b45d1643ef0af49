// The unit tests: no PostgreSQL, no engine of Pulumi, no process of ours. What `npm run test:mutants` counts.
module.exports = {
  spec: ["core", "files", "config", "options"].map((folder) => `bin/test/${folder}/*.test.js`),
  timeout: 10_000,
  forbidPending: true,
};
