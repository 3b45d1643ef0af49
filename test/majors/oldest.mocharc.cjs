// What npm test runs on the oldest major, beside all of it on the current one.
const of = (room, ...names) => names.map((name) => `bin/test/${room}/${name}.test.js`);

module.exports = {
  ...require("../../.mocharc.cjs"),
  spec: [
    ...of("majors", "differences"),
    ...of("run", "baseline", "repair", "transaction", "non-transactional", "interrupted-index"),
    ...of("postgres", "schema-history", "schema-lock"),
  ],
};
