import type { Row, Source } from "../options/row";
import { ENGINE_OPTIONS, OTHER_OPTIONS } from "../options/table";

/** One setting that the command knows, by Flyway's name where Flyway has it. */
export interface Setting extends Row {
  readonly key: string;
  /** Read by the engine, not by the command itself. */
  readonly isOption: boolean;
}

const settings = (rows: Readonly<Record<string, Row>>, isOption: boolean): Setting[] =>
  Object.entries(rows).map(([key, row]) => ({ ...row, key, isOption }));

/** Everything that a flag, a variable or a configuration file can set. */
export const SETTINGS: readonly Setting[] = [
  ...settings(OTHER_OPTIONS, false),
  ...settings(ENGINE_OPTIONS, true),
].filter((setting) => isSetBy(setting, "flyway") || isSetBy(setting, "tidemark"));

const BY_KEY: ReadonlyMap<string, Setting> = new Map(
  SETTINGS.map((setting) => [setting.key, setting]),
);

export function findSetting(key: string): Setting | undefined {
  return BY_KEY.get(key);
}

export function isSetBy({ from }: Row, source: Source): boolean {
  return from.includes(source);
}

/** `baselineVersion` → `--baseline-version`. */
export function flagOf({ key }: Setting): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `baselineVersion` → `FLYWAY_BASELINE_VERSION`; what is ours begins with TIDEMARK_. */
export function variableOf(setting: Setting): string {
  const snake = setting.key.replace(/[A-Z]/g, (letter) => `_${letter}`).replaceAll(".", "_");
  return `${isSetBy(setting, "flyway") ? "FLYWAY" : "TIDEMARK"}_${snake.toUpperCase()}`;
}
