module.exports = {
  ...require("../../.mocharc.cjs"),
  spec: "bin/test/cluster/*.cluster.js",
  timeout: 300_000,
  slow: 60_000,
};
