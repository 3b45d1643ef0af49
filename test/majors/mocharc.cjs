// What npm run test:majors runs on each major. (Mocha splits a pattern at a comma, so there are no braces.)
module.exports = {
  ...require("../../.mocharc.cjs"),
  spec: [
    ...["run", "postgres", "flyway", "cli", "majors"].map(
      (room) => `bin/test/${room}/**/*.test.js`,
    ),
    "bin/test/faults/short.test.js",
  ],
};
