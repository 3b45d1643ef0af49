/** TIDEMARK_FAULTS_SEED and TIDEMARK_FAULTS_ROUNDS; without a seed, another one each time for the long run. */
export interface FaultSettings {
  readonly seed: number;
  readonly rounds: number;
}

export function faultSettings(defaults: FaultSettings): FaultSettings {
  const { TIDEMARK_FAULTS_SEED: seed, TIDEMARK_FAULTS_ROUNDS: rounds } = process.env;
  return { seed: Number(seed ?? defaults.seed), rounds: Number(rounds ?? defaults.rounds) };
}
