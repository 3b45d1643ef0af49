module.exports = {
  ...require("../../.mocharc.cjs"),
  spec: [
    "bin/test/{run,postgres,flyway,cli}/**/*.test.js",
    "bin/test/faults/short.test.js",
    "bin/test/majors/differences.test.js",
  ],
};
