import { escapeIdentifier } from "pg";

import type { Session } from "../postgres/session";

/** What `RESET ALL` and its like take back; all that a script may leave behind in its session but advisory locks. */
const RESET = [
  "RESET SESSION AUTHORIZATION",
  "RESET ROLE",
  "CLOSE ALL",
  "UNLISTEN *",
  "DEALLOCATE ALL",
  "DISCARD TEMP",
  "DISCARD SEQUENCES",
  "RESET ALL",
].join("; ");

const LOCK_TIMEOUT = `pg_catalog.current_setting('lock_timeout') AS timeout`;

const IDENTITY = `SELECT current_user AS role, session_user AS login,
  pg_catalog.current_setting('search_path') AS path, ${LOCK_TIMEOUT}`;

/** What was set since the connection was opened: by us, and by initSql. The search_path has a rule of its own. */
const SETTINGS = `SELECT s.name, s.setting AS value FROM pg_catalog.pg_settings s
  WHERE s.source OPERATOR(pg_catalog.=) 'session' AND s.name OPERATOR(pg_catalog.<>) 'search_path'`;

/** Settings with a dot in their name are in no list that the server would show. */
const CUSTOM = `SELECT u.name, pg_catalog.current_setting(u.name, true) AS value
  FROM pg_catalog.unnest($1::pg_catalog.text[]) AS u(name)`;

interface IdentityRow {
  role: string;
  login: string;
  path: string;
  timeout: string;
}

interface Setting {
  readonly name: string;
  readonly value: string | null;
}

/**
 * How a session was when the run began: login, role, search_path and all settings, with what initSql has set. Each script
 * starts with it, and so with nothing of the script before.
 */
export class SessionBaseline {
  readonly #session: Session;
  readonly #defaultSchema: string;
  readonly #path: string;
  readonly #lockTimeout: string;
  readonly #restoreSql: string;
  readonly #restoreValues: readonly (string | null)[];
  /** The role that initSql has taken, and the user that it has become; absent: the one that logged in. */
  readonly #identity: readonly Setting[];

  private constructor(
    session: Session,
    defaultSchema: string,
    { path, timeout }: IdentityRow,
    settings: readonly Setting[],
    identity: readonly Setting[],
  ) {
    this.#session = session;
    this.#defaultSchema = defaultSchema;
    this.#path = path;
    this.#lockTimeout = timeout;
    this.#restoreSql = restoreSql(settings.length);
    this.#restoreValues = [
      ...settings.flatMap(({ name, value }) => [name, value]),
      escapeIdentifier(defaultSchema),
      path,
      this.#wantedPath(),
    ];
    this.#identity = identity;
  }

  /** Reads it from a session that has run nothing yet but initSql. */
  static async capture(session: Session, defaultSchema: string): Promise<SessionBaseline> {
    const { initSql } = session;
    const [identity, settings, custom] = await Promise.all([
      session.query<IdentityRow>(IDENTITY),
      session.query<{ name: string; value: string }>(SETTINGS),
      initSql ? session.query<Setting>(CUSTOM, [customSettings(initSql)]) : [],
    ]);
    const [now] = identity;
    if (!now) throw new Error("the server did not say who we are");
    return new SessionBaseline(
      session,
      defaultSchema,
      now,
      [...settings, ...custom.filter(({ value }) => value !== null)],
      initSql ? identityAfter(initSql, now) : [],
    );
  }

  /** Whether what we write has to be written under a role that is not simply the one that logged in. */
  get hasIdentity(): boolean {
    return this.#identity.length > 0;
  }

  /**
   * Puts everything back. Sent at once, so that a script can be sent behind it without waiting.
   * @param token is in the setting tidemark.baseline afterwards, for who must know that it was done
   */
  async restore(token = ""): Promise<void> {
    await inOrder([
      this.#session.runScript(RESET),
      this.#session.query(this.#restoreSql, [...this.#restoreValues, token]),
      ...this.#identitySent(),
    ]);
  }

  /** Puts login and role back, and nothing else. */
  async restoreIdentity(): Promise<void> {
    await inOrder([
      this.#session.runScript("RESET SESSION AUTHORIZATION; RESET ROLE"),
      ...this.#identitySent(),
    ]);
  }

  /** Whether the script that runs has left the limit of a statement's wait for a lock as it was. */
  async keepsLockTimeout(): Promise<boolean> {
    const [now] = await this.#session.query<{ timeout: string }>(`SELECT ${LOCK_TIMEOUT}`);
    return now?.timeout === this.#lockTimeout;
  }

  async restoreLockTimeout(): Promise<void> {
    await this.#session.query("SELECT pg_catalog.set_config('lock_timeout', $1, false)", [
      this.#lockTimeout,
    ]);
  }

  #identitySent(): Promise<unknown>[] {
    return this.#identity.map(({ name, value }) =>
      this.#session.query("SELECT pg_catalog.set_config($1, $2, false)", [name, value]),
    );
  }

  /** The default schema in front, as Flyway writes it: letter for letter, since scripts may read it. */
  #wantedPath(): string {
    const schema = escapeIdentifier(this.#defaultSchema);
    const path = this.#path;
    const begins = [schema, this.#defaultSchema].some(
      (name) => path === name || path.startsWith(`${name},`),
    );
    if (begins) return path;
    return path.trim() === "" ? schema : `${schema},${path}`;
  }
}

/** Who a session acts as. */
export interface Identity {
  readonly login: string;
  readonly role: string;
}

export async function identityOf(session: Session): Promise<Identity | undefined> {
  const [identity] = await session.query<Identity>(
    "SELECT session_user AS login, pg_catalog.current_setting('role') AS role",
  );
  return identity;
}

export async function assumeIdentity(session: Session, { login, role }: Identity): Promise<void> {
  await session.query(
    "SELECT pg_catalog.set_config('session_authorization', $1, false), pg_catalog.set_config('role', $2, false)",
    [login, role],
  );
}

/** Who has taken a role, or become another user, did it in initSql. */
function identityAfter(initSql: string, { login, role }: IdentityRow): Setting[] {
  const isOther = /\bauthorization\b|session_authorization/i.test(initSql);
  return [
    ...(isOther ? [{ name: "session_authorization", value: login }] : []),
    ...(role === login ? [] : [{ name: "role", value: role }]),
  ];
}

/** Waits for all, and throws the first failure: what was sent behind it has failed for the same reason. */
export async function inOrder(sent: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(sent);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/**
 * Parameters throughout: the search_path may hold anything that the database's owner likes.
 * @returns the statement, whose last parameter is the token
 */
function restoreSql(settings: number): string {
  const set = Array.from(
    { length: settings },
    (_, i) => `pg_catalog.set_config($${2 * i + 1}, $${2 * i + 2}, false)`,
  );
  const schema = 2 * settings + 1;
  const path = `CASE WHEN pg_catalog.to_regnamespace($${schema}::pg_catalog.text) IS NULL
    THEN $${schema + 1} ELSE $${schema + 2} END`;
  return `SELECT ${[
    ...set,
    `pg_catalog.set_config('search_path', ${path}, false)`,
    `pg_catalog.set_config('tidemark.baseline', $${schema + 3}, false)`,
  ].join(", ")}`;
}

const CUSTOM_SET =
  /\bset\s+(?:session\s+)?((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))+)\s*(?:=|\bto\b)/gi;
const CUSTOM_SET_CONFIG = /\bset_config\s*\(\s*'([^']+\.[^']+)'/gi;

/** The names with a dot that initSql sets. */
function customSettings(initSql: string): string[] {
  const found = [CUSTOM_SET, CUSTOM_SET_CONFIG].flatMap((pattern) =>
    [...initSql.matchAll(pattern)].map(([, name = ""]) => name.replaceAll('"', "")),
  );
  return [...new Set(found)];
}
