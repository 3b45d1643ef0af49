module.exports = {
  ...require("../../.mocharc.cjs"),
  spec: "bin/test/interop/*.interop.js",
  timeout: 120_000,
};
