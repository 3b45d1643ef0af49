import assert from "node:assert/strict";

import { parseGoDuration } from "../../config/go-duration";

describe("config: durations as Go reads them", () => {
  const good: [string, number][] = [
    ["1h", 3_600_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    [".5s", 500],
    ["1.s", 1000],
    ["500ms", 500],
    ["1us", 0.001],
    ["1µs", 0.001],
    ["0", 0],
    ["0s", 0],
    ["-5s", -5000],
    ["+5s", 5000],
    ["1m1m", 120_000],
    ["12m", 720_000],
    ["1.25s", 1250],
    [".25s", 250],
    ["1000000ns", 1],
    ["1μs", 0.001],
  ];
  for (const [text, ms] of good) {
    it(`${text} is ${ms} ms`, () => assert.equal(parseGoDuration(text), ms));
  }

  for (const text of [
    "",
    "1",
    "1hour",
    "1 h",
    "1d",
    "h",
    ".s",
    "1h-5m",
    "1H",
    " 1h",
    "1h ",
    "--1h",
    "1,5h",
    "1e3s",
    "3000000h",
  ]) {
    it(`"${text}" is none`, () => assert.equal(parseGoDuration(text), undefined));
  }
});
