// Mocha's own "spec" output, and the counts in the file that TIDEMARK_TEST_COUNTS names.
const { writeFileSync } = require("node:fs");
const { Spec } = require("mocha").reporters;

module.exports = class extends Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once("end", () => {
      const { passes, failures } = this.stats;
      writeFileSync(
        process.env.TIDEMARK_TEST_COUNTS,
        JSON.stringify({ passed: passes, failed: failures }),
      );
    });
  }
};
