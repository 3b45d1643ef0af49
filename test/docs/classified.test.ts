/** Each block of the documentation says how it is tested, and those that can be read without a run are read. */
import { strict as assert } from "node:assert";

import { allSamples, placeOf, readDocument, type Sample, samplesIn } from "./blocks";
import { CHECKS, typeErrors } from "./check";
import { EXEMPT } from "./exempt";

const RUN_KINDS = new Set(["run", "hidden", "output", "file", "usage"]);

const isExempt = ({ file, text }: Sample) =>
  EXEMPT.some(([document, firstLine]) => document === file && text.startsWith(firstLine));

describe("docs: blocks", () => {
  const samples = allSamples();

  it("each is run, read by the program, or exempt with a reason", () => {
    const unknown = samples.filter((sample) => {
      const kind = sample.mark?.kind ?? "";
      return !(RUN_KINDS.has(kind) || kind in CHECKS || isExempt(sample));
    });
    assert.deepEqual(unknown.map(placeOf), [], "put <!-- test: kind --> in front of them");
  });

  it("an exemption is of a block that is there, and is needed", () => {
    for (const [file, firstLine, reason] of EXEMPT) {
      const found = samples.filter(
        (sample) => sample.file === file && sample.text.startsWith(firstLine),
      );
      assert.equal(found.length, 1, `${file}: ${firstLine}`);
      assert.equal(found[0]?.mark, undefined, `${file}: ${firstLine} is tested by now`);
      assert.notEqual(reason, "");
    }
  });

  for (const sample of samples) {
    const check = CHECKS[sample.mark?.kind ?? ""];
    if (check)
      it(`${placeOf(sample)} (${sample.mark?.kind}) is accepted`, function () {
        this.timeout(60_000);
        check(sample);
      });
  }
});

describe("docs: reading of blocks", () => {
  it("ties marks to blocks, takes hidden runs for themselves, and reads blocks in lists", () => {
    const markdown = [
      "<!-- test: run exit 65 -->",
      "",
      "```sh",
      "one",
      "```",
      "",
      "<!-- test: hidden",
      "two",
      "three -->",
      "",
      "- item",
      "",
      "  ```",
      "  four",
      "  ```",
      "",
    ].join("\n");
    assert.deepEqual(
      samplesIn("x.md", markdown).map(({ line, language, text, mark }) => [
        line,
        language,
        text,
        mark?.kind,
        mark?.rest,
      ]),
      [
        [3, "sh", "one\n", "run", "exit 65"],
        [9, "sh", "two\nthree ", "hidden", ""],
        [13, "", "four\n", undefined, undefined],
      ],
    );
  });

  it("refuses a mark without a block", () => {
    assert.throws(
      () => samplesIn("x.md", "<!-- test: run -->\n\ntext\n\n```sh\none\n```\n"),
      /x\.md:3: the mark "test: run" has no block/,
    );
    assert.throws(() => samplesIn("x.md", "<!-- test: run -->\n"), /has no block/);
  });

  it("sees wrong types", function () {
    this.timeout(60_000);
    assert.match(typeErrors("const a: number = 'text';")[0] ?? "", /not assignable/);
  });

  it("README says where its figures are", () => {
    assert.match(readDocument("README.md"), /docs\/performance\.md/);
  });
});
