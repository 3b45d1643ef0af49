/** Database URLs: whole ones, and templates of the External Secrets Operator that become one in the cluster. */

/** What of a URL is no secret. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

export function databaseUrl(address: DatabaseAddress, { user, password }: Credentials): string {
  return `postgresql://${percentEncode(user)}:${percentEncode(password)}@${place(address)}`;
}

/** For Flyway's variables, where user and password stand apart. */
export function jdbcUrl(address: DatabaseAddress): string {
  return `jdbc:postgresql://${place(address)}`;
}

/** Go's `urlquery` writes a space as `+`, which only a form reads back; a `+` itself is %2B by then. */
const ENCODE = 'urlquery | replace "+" "%20"';

/** The names of a database's user and password in a template. */
export function credentialVariables(database: string): { user: string; password: string } {
  const suffix = database.replace(/[^A-Za-z0-9]/g, "_");
  return { user: `user_${suffix}`, password: `password_${suffix}` };
}

export function urlTemplate(address: DatabaseAddress, database: string): string {
  const { user, password } = credentialVariables(database);
  return `postgresql://{{ .${user} | ${ENCODE} }}:{{ .${password} | ${ENCODE} }}@${place(address)}`;
}

export const valueTemplate = (variable: string): string => `{{ .${variable} }}`;

function place({ host, port, database }: DatabaseAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}/${percentEncode(database)}`;
}

const UNRESERVED = /[A-Za-z0-9._~-]/;

/** Every byte but the unreserved ones of RFC 3986: nothing of what is left means anything in a URL or a template. */
export function percentEncode(text: string): string {
  return Array.from(Buffer.from(text, "utf8"), (byte) => {
    const character = String.fromCharCode(byte);
    if (UNRESERVED.test(character)) return character;
    return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}
