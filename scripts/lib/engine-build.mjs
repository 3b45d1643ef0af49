// Builds the Pulumi engine from its public source with Go: about five minutes the first time.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { paths, root } from "./paths.mjs";
import { capture } from "./processes.mjs";

const sources = join(root, "scripts", "engine");
const programs = (version) => [
  {
    name: "pulumi",
    module: "pulumi",
    main: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    flags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`,
  },
  {
    // The newest module that holds the host is older than the CLI. They work together.
    name: "pulumi-language-nodejs",
    module: "language-nodejs",
    main: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    flags: "-s -w",
  },
];

/** Puts the programs into `directory`. Returns why not, or undefined when done. */
export async function buildEngine({ version, directory, progress, note }) {
  const go = await capture("go", ["version"]).catch(() => undefined);
  if (go?.code !== 0) return "it cannot be built here: there is no Go on PATH";
  note(`building it from source with ${go.stdout.trim()}: about five minutes, once`);
  clearPartials(directory);
  for (const program of programs(version)) {
    if (existsSync(join(directory, program.name))) continue; // an interrupted build goes on here
    const problem = await build(program, directory, progress);
    if (problem) return problem;
  }
  const launcher = join(directory, "pulumi-resource-pulumi-nodejs");
  copyFileSync(join(sources, "pulumi-resource-pulumi-nodejs"), launcher);
  chmodSync(launcher, 0o755);
  return undefined;
}

async function build({ name, module, main, flags }, directory, progress) {
  const partial = join(directory, `.build-${name}-${process.pid}`);
  const counts = { downloaded: 0, compiled: 0 };
  const onLine = (line) => {
    counts[line.startsWith("go: downloading") ? "downloaded" : "compiled"] += 1;
    progress(
      `${name}: ${counts.downloaded} modules downloaded, ${counts.compiled} packages compiled`,
    );
  };
  progress(`${name}: go build`);
  const args = [
    "build",
    "-v",
    "-trimpath",
    "-buildvcs=false",
    "-ldflags",
    flags,
    "-o",
    partial,
    main,
  ];
  const env = { ...process.env, CGO_ENABLED: "0", GOWORK: "off" };
  const { code, stderr } = await capture("go", args, { cwd: join(sources, module), env, onLine });
  mkdirSync(paths.logs, { recursive: true });
  writeFileSync(join(paths.logs, `go-build-${name}.log`), stderr);
  if (code === 0) return void renameSync(partial, join(directory, name));
  rmSync(partial, { force: true });
  const tail = stderr.trimEnd().split("\n").slice(-8).join("\n  ");
  return `go build of ${name} failed (.tidemark/logs/go-build-${name}.log):\n  ${tail}`;
}

// What an interrupted build left.
function clearPartials(directory) {
  for (const file of readdirSync(directory)) {
    if (file.startsWith(".build-")) rmSync(join(directory, file), { force: true });
  }
}
