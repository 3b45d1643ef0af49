/** TIDEMARK_FAULTS_SEED and TIDEMARK_FAULTS_ROUNDS; without a seed, another one each time for the long run. */
export interface FaultSettings {
  readonly seed: number;
  readonly rounds: number;
}

/** One for all files of a run. */
const OWN_SEED = Date.now() % 1_000_000;

export function faultSettings(
  defaults: Partial<FaultSettings> & Pick<FaultSettings, "rounds">,
): FaultSettings {
  const { TIDEMARK_FAULTS_SEED: seed, TIDEMARK_FAULTS_ROUNDS: rounds } = process.env;
  return {
    seed: Number(seed ?? defaults.seed ?? OWN_SEED),
    rounds: Number(rounds ?? defaults.rounds),
  };
}
