/** What a row of the table of options says. */

/** What the engine gets for each kind of option. */
export interface Values {
  text: string;
  /** A version, or (in the command) a word or pattern of Flyway's. */
  version: string;
  boolean: boolean;
  list: readonly string[];
  "boolean or list": boolean | readonly string[];
  /** Milliseconds. */
  duration: number;
  count: number;
  /** Texts by name. */
  map: Readonly<Record<string, string>>;
  scope: "schemas" | "database";
  baseline: { readonly version: string; readonly description: string };
}

export type Kind = keyof Values;

/** Who may set an option; one that nobody may set is the engine's own. */
export type Source =
  /** A flag of the command, `--baseline-version`. */
  | "flag"
  /** A variable `FLYWAY_…`. */
  | "flyway"
  /** A variable `TIDEMARK_…`. */
  | "tidemark"
  /** A key of flyway.conf and flyway.toml. */
  | "file"
  /** A database's key in `Pulumi.<stack>.yaml`. */
  | "stack"
  /** The options of a database in job.json. */
  | "job"
  /** The Job's Secret: what must not stand in job.json. */
  | "jobSecret";

interface More {
  /** It may hold a secret: nothing shows its value. */
  readonly secret?: true;
  /** Most characters, as the history's columns have room for. */
  readonly max?: number;
  /** What a list in a stack must name at least one of. */
  readonly atLeastOne?: string;
  /** What the documentation says where it is not the default itself. */
  readonly unset?: string;
  /** What a stack's documentation says instead. */
  readonly stack?: { readonly help?: string; readonly unset?: string };
}

export interface Row<K extends Kind = Kind, S extends Source = Source, D = unknown> extends More {
  readonly kind: K;
  readonly from: readonly S[];
  /** undefined: none. */
  readonly default: D;
  readonly help: string;
}

/** Makes the rows of one kind. */
export const kind =
  <K extends Kind>(name: K) =>
  <S extends Source, D extends Values[K] | undefined>(
    from: readonly S[],
    value: D,
    help = "",
    more: More = {},
  ): Row<K, S, D> => ({ kind: name, from, default: value, help, ...more });
