// Stryker's runner for mocha, which starts a process for each change of what runs while a module loads. All that is
// changed here is CommonJS, which can be loaded anew in the same process: ten times as fast.
import { createRequire } from "node:module";
import { join, sep } from "node:path";
import { createMochaTestRunner } from "@stryker-mutator/mocha-runner";

export { strykerValidationSchema } from "@stryker-mutator/mocha-runner";

const { cache } = createRequire(import.meta.url);

function createReloadingRunner(injector) {
  const runner = createMochaTestRunner(injector);
  const reloadIf = async ({ reloadEnvironment }) => {
    if (!reloadEnvironment) return;
    const ours = join(process.cwd(), "bin") + sep; // Stryker's copy; this file is loaded before it is entered
    await runner.dispose();
    for (const file of Object.keys(cache)) if (file.startsWith(ours)) delete cache[file];
    runner.loadedEnv = false;
    await runner.init();
  };
  return {
    capabilities: async () => ({ reloadEnvironment: true }),
    init: () => runner.init(),
    dryRun: (options) => runner.dryRun(options),
    mutantRun: async (options) => {
      await reloadIf(options);
      return runner.mutantRun(options);
    },
    dispose: () => runner.dispose(),
  };
}
createReloadingRunner.inject = createMochaTestRunner.inject;

export const strykerPlugins = [
  { kind: "TestRunner", name: "mocha", factory: createReloadingRunner },
];
