// The build context of the image: the compiled engine, the packages that it needs and nothing else, the migrations.
import {
  cpSync,
  chmodSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { Failure } from "./failure.mjs";
import { paths, root } from "./paths.mjs";

const ENGINE = join("bin", "engine");

/** Makes the folder anew and says which packages are in it. */
export function makeContext(folder) {
  const main = join(root, ENGINE, "cli", "main.js");
  if (!existsSync(main)) throw new Failure("the engine is not compiled", "npm run build");
  rmSync(folder, { recursive: true, force: true });
  const app = join(folder, "app");
  copy(join(root, ENGINE), join(app, ENGINE), (file) => file.endsWith(".js"));
  const packages = closure(importsOf(join(app, ENGINE)));
  for (const name of packages)
    copy(join(paths.nodeModules, name), join(app, "node_modules", name), isNeeded);
  const { name, version, license } = readPackage(root);
  const manifest = { name, version, license, private: true };
  writeFileSync(join(app, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  copy(join(root, "migrations"), join(folder, "migrations"), () => true);
  cpSync(join(root, "Dockerfile"), join(folder, "Dockerfile"));
  settle(folder);
  return { packages };
}

/** What a package holds for people and for compilers. */
const isNeeded = (file) => !/\.(map|md|markdown|ts|mts|cts|flow)$/.test(file);

function copy(from, to, wanted) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, {
    recursive: true,
    dereference: true,
    filter: (file) => statSync(file).isDirectory() || wanted(file),
  });
}

/** The packages that the compiled files load, from what is in them: no list to forget. */
function importsOf(folder) {
  const found = new Set();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const text = readFileSync(join(entry.parentPath ?? entry.path, entry.name), "utf8");
    for (const [, name] of text.matchAll(/\b(?:require|import)\("([^."][^"]*)"\)/g))
      if (!isBuiltin(name)) found.add(packageOf(name));
  }
  return [...found];
}

const packageOf = (name) =>
  name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");

/** These packages and what they need in turn. Optional ones are taken where npm has installed them. */
function closure(names) {
  const found = new Set();
  const add = (name, isOptional) => {
    if (found.has(name)) return;
    const folder = join(paths.nodeModules, name);
    if (!existsSync(folder)) {
      if (isOptional) return;
      throw new Failure(`the package ${name} is not installed`, "npm ci");
    }
    if (existsSync(join(folder, "node_modules")))
      throw new Failure(
        `${name} has packages of its own, which the image does not copy`,
        "Extend scripts/lib/image-context.mjs.",
      );
    found.add(name);
    const { dependencies = {}, optionalDependencies = {} } = readPackage(folder);
    for (const dependency of Object.keys(dependencies))
      add(dependency, dependency in optionalDependencies);
  };
  for (const name of names) add(name, false);
  return [...found].sort();
}

const readPackage = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** Everybody may read, nobody but root may write, and the same files make the same layer. */
function settle(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    settleOne(join(entry.parentPath ?? entry.path, entry.name), entry.isDirectory());
  settleOne(folder, true);
}

function settleOne(path, isFolder) {
  chmodSync(path, isFolder ? 0o755 : 0o644);
  lutimesSync(path, 0, 0);
}
