/**
 * The samples of the documentation, run in a fresh clone for each document, in their order, with the real engine and
 * PostgreSQL. TIDEMARK_TEST_DOCS=update (npm run docs:update -- --samples) writes what was printed into the document.
 */
import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { documents, placeOf, readDocument, REPOSITORY, type Sample, samplesIn } from "./blocks";
import { Clone, type Printed } from "./clone";
import { blankedJson, missingIn, rewritten } from "./compare";
import { checkUsage } from "./usage";

const UPDATES = process.env.TIDEMARK_TEST_DOCS === "update";

for (const file of documents()) {
  const samples = samplesIn(file, readDocument(file));
  if (samples.some(({ mark }) => (mark?.kind ?? "") in run())) describeDocument(file, samples);
}

function describeDocument(file: string, samples: readonly Sample[]): void {
  describe(`docs: samples of ${file}`, function () {
    this.timeout(300_000);
    let clone: Clone;
    let broken: string | undefined;
    const kinds = run();

    before(() => {
      clone = new Clone();
    });

    after(() => clone?.close());

    for (const sample of samples) {
      const work = kinds[sample.mark?.kind ?? ""];
      if (!work) continue;
      it(`${sample.line}: ${sample.text.split("\n")[0]} (${sample.mark?.kind})`, async () => {
        assert.equal(broken, undefined, "not run, since the sample above has failed");
        try {
          await work(sample, clone);
        } catch (error) {
          if (sample.mark?.kind !== "output") broken = placeOf(sample);
          throw error;
        }
      });
    }
  });
}

type Work = (sample: Sample, clone: Clone) => Promise<void> | void;

/** What is done for each kind of mark. */
function run(): Readonly<Record<string, Work>> {
  let last: Printed = { code: 0, text: "" };
  const commands: Work = async (sample, clone) => {
    last = await clone.run(sample.text);
    const [, wanted = "0"] = /^exit (\d+)$/.exec(sample.mark?.rest ?? "") ?? [];
    assert.equal(String(last.code), wanted, `${sample.text}\n${last.text}`);
  };
  return {
    run: commands,
    hidden: commands,
    output: (sample) => compare(sample, last.text),
    file: ({ text, mark }, clone) => clone.write(mark?.rest ?? "", text),
    usage: ({ text }, clone) => checkUsage(text, clone),
  };
}

function compare(sample: Sample, printed: string): void {
  const json = sample.language === "json" ? /\{[^]*\}/.exec(printed)?.[0] : undefined;
  try {
    if (sample.language === "json")
      return assert.deepEqual(blankedJson(sample.text), blankedJson(json ?? printed));
    const missing = missingIn(sample.text, printed);
    assert.equal(missing, undefined, `not printed:\n${missing}\n\nprinted:\n${printed}`);
  } catch (error) {
    if (!UPDATES) throw error;
    const text = json
      ? `${JSON.stringify(JSON.parse(json), null, 2)}\n`
      : rewritten(sample.text, printed);
    const before = readDocument(sample.file);
    assert.ok(before.includes(sample.text), `${placeOf(sample)} is indented: write it by hand`);
    writeFileSync(
      join(REPOSITORY, sample.file),
      before.replace(sample.text, () => text),
    );
  }
}
