module.exports = {
  spec: "bin/test/**/*.test.js",
  timeout: 30_000,
  forbidOnly: Boolean(process.env.CI),
  forbidPending: true,
  "node-option": ["enable-source-maps"],
};
