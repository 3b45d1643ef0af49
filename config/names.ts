/**
 * Every name that follows from a database's name in the configuration. Other systems read them (services, the operator,
 * people in the vault), so they never change for a name that is in use.
 */

/** Secret with the URLs of all databases, for migrations. */
export const MIGRATIONS_SECRET = "db-migrations";
/** The same where no vault fills it. */
export const LOCAL_SECRET = "db-migrations-local";
/** Secret that fills `db-migrations-local` where it exists. */
export const LOCAL_CREDENTIALS = "platform-db-credentials";

/** `my-db` → `MY_DB`; a name that begins with a digit gets `DB_` in front, since no variable may begin with one. */
export function variableName(database: string): string {
  const name = database.toUpperCase().replaceAll("-", "_");
  return /^\d/.test(name) ? `DB_${name}` : name;
}

export const defaultUrlKey = (database: string): string => `${variableName(database)}_DATABASE_URL`;
export const optionsKey = (database: string): string => `${variableName(database)}_OPTIONS`;
export const defaultServiceSecret = (database: string): string => `${database}-db-secret`;
export const DEFAULT_SERVICE_KEY = "DATABASE_URL";
export const defaultVaultSecret = (database: string): string =>
  `db-migrations-${database}-database-url`;

const JOB_PREFIX = "db-migrations";
const MAX_JOB_NAME = 63;

/**
 * The name of a Job without its hash, which `-` and ten characters will follow. A database's name that is too long is
 * cut; its hash still tells it from others, since it covers the whole name.
 */
export function jobBaseName(database?: string): string {
  if (database === undefined) return JOB_PREFIX;
  const room = MAX_JOB_NAME - JOB_PREFIX.length - 1 - (HASH_LENGTH + 1);
  return `${JOB_PREFIX}-${database.slice(0, room).replace(/-+$/, "")}`;
}

export const HASH_LENGTH = 10;
