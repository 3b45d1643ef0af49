// npm run image: the container image of the tidemark command.
import { resolve } from "node:path";
import { helpFor } from "./lib/arguments.mjs";
import { compile, PROGRAM } from "./lib/compile.mjs";
import { command, usage } from "./lib/failure.mjs";
import { buildImage } from "./lib/image-build.mjs";
import { say, step } from "./lib/terminal.mjs";

helpFor(`
npm run image [-- --tag <reference>] [--base <reference>] [--migrations] [--archive <file>] [--store <folder>] [--push]

Builds the image that runs the migration Job, with buildah or with Docker, whichever is there.

  --tag <reference>    its name, such as registry.example.com/tidemark:1 (default tidemark:dev)
  --base <reference>   another base image with Node 20 on its PATH than the Dockerfile's
  --migrations         with the folder migrations/ in it, for tidemark:job.migrations: image
  --archive <file>     also write it to a file (OCI layout: ctr images import, docker load)
  --store <folder>     buildah keeps its images there, without overlays
  --push               push it to its registry; put the digest it prints into tidemark:job.image
`);

const FLAGS = { "--tag": "tag", "--base": "base", "--archive": "archive", "--store": "store" };
const SWITCHES = { "--migrations": "migrations", "--push": "push" };

await command(async () => {
  const options = readArguments(process.argv.slice(2));
  await step("engine", (tell) => compile(PROGRAM, tell));
  const image = await step("image", async () => {
    const value = await buildImage(options);
    return { reason: `${options.tag}, built with ${value.tool}`, value };
  });
  say(`packages  ${image.packages.join(", ")}`);
  say(`size      ${(image.compressedBytes / 1e6).toFixed(1)} MB compressed`);
  if (image.digest) say(`digest    ${image.digest}`);
  if (image.archive) say(`archive   ${image.archive}`);
  if (options.push && image.digest) say(`image     ${withoutTag(options.tag)}@${image.digest}`);
});

function readArguments(args) {
  const options = { tag: "tidemark:dev" };
  for (let index = 0; index < args.length; index += 1) {
    const [, name, joined] = /^(--[a-z]+)(?:=(.*))?$/s.exec(args[index]) ?? [];
    if (SWITCHES[name] && joined === undefined) options[SWITCHES[name]] = true;
    else if (FLAGS[name]) options[FLAGS[name]] = joined ?? valueOf(name, args[(index += 1)]);
    else throw usage(`unknown argument: ${args[index]}`, "npm run image -- --help");
  }
  for (const name of ["archive", "store"])
    if (options[name]) options[name] = resolve(options[name]);
  return options;
}

function valueOf(name, value) {
  if (value) return value;
  throw usage(`${name} needs a value`, "npm run image -- --help");
}

const withoutTag = (reference) => reference.replace(/:[^/:]*$/, "");
