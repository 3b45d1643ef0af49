/** The fenced blocks of the documentation, and the marks (HTML comments, not seen when rendered) that say what each is. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const REPOSITORY = resolve(__dirname, "../../.."); // compiled, this file lies in bin/test/docs

/** `<!-- test: <kind> <rest> -->`; the lines after the first are the commands of a hidden run. */
export interface Mark {
  readonly kind: string;
  readonly rest: string;
  readonly body: string;
}

/** A block, or a hidden run: a mark that stands alone. */
export interface Sample {
  readonly file: string;
  /** Of the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  readonly mark?: Mark;
}

/** README.md and docs/*.md, in the order in which their samples run. */
export function documents(): string[] {
  const docs = readdirSync(join(REPOSITORY, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", ...docs.sort().map((name) => `docs/${name}`)];
}

export const readDocument = (file: string) => readFileSync(join(REPOSITORY, file), "utf8");

const MARK = /^<!-- test: ([\w-]+)(?: (?!-->)([^\n]*?))?(?: -->|\n([^]*?)-->)\n/;
const FENCE = /^( *)```(\w*)\n([^]*?)^\1```$/m;

/** All blocks and hidden runs of a document, in their order. */
export function samplesIn(file: string, markdown: string): Sample[] {
  const samples: Sample[] = [];
  const lines = markdown.split("\n");
  let mark: Mark | undefined;
  for (let index = 0; index < lines.length; index += 1) {
    const rest = `${lines.slice(index).join("\n")}\n`;
    const marked = MARK.exec(rest);
    const fence = FENCE.exec(rest);
    if (marked) {
      const [all, kind = "", words = "", body = ""] = marked;
      mark = { kind, rest: words, body };
      index += all.split("\n").length - 2;
      if (kind === "hidden") {
        samples.push({ file, line: index + 1, language: "sh", text: body, mark });
        mark = undefined;
      }
    } else if (fence?.index === 0) {
      const [all, indent = "", language = "", text = ""] = fence;
      const own = text.replaceAll(new RegExp(`^${indent}`, "gm"), "");
      samples.push({ file, line: index + 1, language, text: own, ...(mark ? { mark } : {}) });
      mark = undefined;
      index += all.split("\n").length - 1;
    } else if (mark && lines[index] !== "") {
      throw new Error(`${file}:${index + 1}: the mark "test: ${mark.kind}" has no block`);
    }
  }
  if (mark) throw new Error(`${file}: the mark "test: ${mark.kind}" has no block`);
  return samples;
}

export const allSamples = (): Sample[] =>
  documents().flatMap((file) => samplesIn(file, readDocument(file)));

export const placeOf = ({ file, line }: Sample) => `${file}:${line}`;
