import { everyKind } from "../postgres/catalog-fixture";

/**
 * A schema with an object of every kind of PostgreSQL 18, also of those that are drift only. `{role}` and `{admin}` are
 * roles; `{database}` is the database.
 */
export const everything = (role: string) => `${everyKind(role)}
CREATE TYPE unfinished;
CREATE TYPE raw;
CREATE FUNCTION raw_in(cstring) RETURNS raw LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION raw_out(raw) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE raw (INPUT = raw_in, OUTPUT = raw_out, LIKE = text);
CREATE OPERATOR FAMILY family USING btree;
CREATE TEXT SEARCH PARSER reading
  (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH TEMPLATE form (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE CONVERSION latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TRUSTED LANGUAGE talk HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;
CREATE TRANSFORM FOR int LANGUAGE sql
  (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal));
CREATE ACCESS METHOD pile TYPE TABLE HANDLER heap_tableam_handler;
CREATE USER MAPPING FOR ${role} SERVER far OPTIONS (user 'u', password 'geheim');
CREATE PUBLICATION feed FOR TABLE users (id, name) WHERE (id > 0);
CREATE TABLE loose (a int NOT NULL, b text);
ALTER TABLE orders ADD CONSTRAINT total_there CHECK (total IS NOT NULL) NOT VALID;
ALTER TABLE orders ALTER user_id SET NOT NULL;
`;

/** A subscription keeps a database from being dropped: so it is made in the transaction of the change alone. */
export const SUBSCRIPTION = `CREATE SUBSCRIPTION reader CONNECTION 'host=nowhere password=geheim' PUBLICATION feed
  WITH (connect = false, slot_name = NONE, enabled = false)`;

/** A change, and what drift calls it. */
export interface Change {
  /** One statement. */
  readonly sql: string;
  /** `table public.a added`: each of it, and nothing else. */
  readonly drift: readonly string[];
  /** What is there before. */
  readonly given?: string;
}
