import { type EngineOptions, STACK_DEFAULTS, type StackOptions } from "../options/options";

export type { JobOptions, StackOptions } from "../options/options";

/**
 * The engine's options for a database of a stack, the same for every runner. A wrong file name, a folder that is absent
 * or empty, a file that is gone and a lower target are refused; objects without a history count whatever schema holds
 * them (docs/decisions/0003).
 */
export function stackOptions(options: StackOptions, locations: readonly string[]): EngineOptions {
  const { baseline, ...others } = options;
  return {
    ...STACK_DEFAULTS,
    failOnEmptyLocations: locations.length > 0,
    ...others,
    ...(baseline && {
      baselineOnMigrate: true,
      baselineVersion: baseline.version,
      baselineDescription: baseline.description,
    }),
    locations,
  };
}
