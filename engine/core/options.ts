/** Declared in one table with everything else that can be set: engine/options/table.ts. */
export { DEFAULT_OPTIONS, type EngineOptions } from "../options/options";
