module.exports = {
  ...require("../../.mocharc.cjs"),
  spec: "bin/test/faults/*.faults.js",
};
