/** Folders of migrations as real projects have them. */
import type { FileChanges } from "./both";

export interface Folder {
  readonly title: string;
  readonly config?: Readonly<Record<string, string | boolean>>;
  readonly files: FileChanges;
  /** The next release: what is added and changed when the first is in the database. */
  readonly next?: FileChanges;
  /** A table, with how many rows it has in the end. */
  readonly rows: readonly [table: string, rows: number];
}

const lines = (count: number, line: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => line(n + 1)).join("\n");

/** As pg_dump writes it: the session is turned inside out, the path is empty, all names are qualified. */
const DUMP = `--
-- PostgreSQL database dump
--

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE TYPE public.status AS ENUM (
    'open',
    'closed; or "so"'
);

CREATE FUNCTION public.touch() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  NEW.changed := now(); -- it's; a comment
  RETURN NEW;
END;
$$;

SET default_tablespace = '';
SET default_table_access_method = heap;

CREATE TABLE public.customers (
    id integer NOT NULL,
    name text NOT NULL,
    note text,
    status public.status DEFAULT 'open'::public.status,
    changed timestamp with time zone
);

CREATE SEQUENCE public.customers_id_seq AS integer START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1;
ALTER SEQUENCE public.customers_id_seq OWNED BY public.customers.id;
ALTER TABLE ONLY public.customers ALTER COLUMN id SET DEFAULT nextval('public.customers_id_seq'::regclass);

--
-- Data for Name: customers; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.customers (id, name, note, status, changed) FROM stdin;
1\tZoë\t\\N\topen\t\\N
2\tO'Neill; DROP TABLE\ttab\\tand\\nline\tclosed; or "so"\t2020-01-01 00:00:00+00
3\t\\\\.\t--\topen\t\\N
\\.

SELECT pg_catalog.setval('public.customers_id_seq', 3, true);
ALTER TABLE ONLY public.customers ADD CONSTRAINT customers_pkey PRIMARY KEY (id);
CREATE TRIGGER touched BEFORE UPDATE ON public.customers FOR EACH ROW EXECUTE FUNCTION public.touch();

--
-- PostgreSQL database dump complete
--
`;

export const RESTRICTED = `\\restrict 5bWzG4zfaZ4\n\n${DUMP}\n\\unrestrict 5bWzG4zfaZ4\n`;

export const FOLDERS: readonly Folder[] = [
  {
    title: "a dump of pg_dump as V1, then unqualified names",
    files: {
      "V1__dump.sql": DUMP,
      "V2__orders.sql":
        "CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers);",
      "R__names.sql": "CREATE OR REPLACE VIEW names AS SELECT id, name FROM customers;",
    },
    next: { "V3__more.sql": "INSERT INTO customers (name) VALUES ('Ünal'), (E'a\\nb');" },
    rows: ["customers", 5],
  },
  {
    title: "partitions by range, list and hash, attached and detached",
    files: {
      "V1__events.sql": `CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY, at date NOT NULL, kind text NOT NULL, PRIMARY KEY (id, at, kind))
  PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (kind);
CREATE TABLE events_2024_a PARTITION OF events_2024 FOR VALUES IN ('a', 'b');
CREATE TABLE events_2024_rest PARTITION OF events_2024 DEFAULT;
CREATE TABLE events_rest PARTITION OF events DEFAULT;`,
      "V2__data.sql": `INSERT INTO events (at, kind) SELECT date '2023-12-01' + n, chr(97 + n % 4) FROM generate_series(1, 500) n;`,
      "V3__index.sql": `CREATE INDEX events_kind ON events (kind);
CREATE TABLE hashed (id int) PARTITION BY HASH (id);
DO $$ BEGIN FOR i IN 0..3 LOOP
  EXECUTE format('CREATE TABLE hashed_%s PARTITION OF hashed FOR VALUES WITH (MODULUS 4, REMAINDER %s)', i, i);
END LOOP; END $$;
INSERT INTO hashed SELECT generate_series(1, 100);`,
    },
    next: {
      "V4__detach.sql": `ALTER TABLE events DETACH PARTITION events_rest;
CREATE TABLE events_2025 (LIKE events INCLUDING ALL EXCLUDING IDENTITY);
INSERT INTO events_2025 (id, at, kind) SELECT id, at, kind FROM events_rest WHERE at >= '2025-01-01';
DELETE FROM events_rest WHERE at >= '2025-01-01';
ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
ALTER TABLE events ATTACH PARTITION events_rest DEFAULT;`,
    },
    rows: ["events", 500],
  },
  {
    title: "procedures that commit, called without a transaction",
    files: {
      "V1__load.sql": `CREATE TABLE loaded (id int);
CREATE PROCEDURE load(batches int) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..batches LOOP
    INSERT INTO loaded SELECT generate_series(1, 10);
    COMMIT;
  END LOOP;
END $$;`,
      "V2__call.sql": "CALL load(7);\nANALYZE loaded;\n",
      "V2__call.sql.conf": "executeInTransaction=false\n",
    },
    next: {
      "V3__do.sql": "DO $$ BEGIN INSERT INTO loaded VALUES (0); COMMIT; END $$;\nVACUUM loaded;\n",
      "V3__do.sql.conf": "executeInTransaction=false\n",
    },
    rows: ["loaded", 71],
  },
  {
    title: "large COPY data, as text and as CSV, several in one file",
    files: {
      "V1__copy.sql": `CREATE TABLE big (id int, t text, n numeric);
COPY big FROM stdin;
${lines(20_000, (n) => `${n}\trow ${n} \\\\ ${"x".repeat(n % 90)}\t${n % 3 ? n / 8 : "\\N"}`)}
\\.
COPY big (id, t) FROM STDIN WITH (FORMAT csv, NULL 'none');
${lines(5000, (n) => `${n},"quoted; ""${n}"", ${n % 2 ? "a" : "ü"}"`)}
1,none
\\.
CREATE INDEX big_id ON big (id);
`,
    },
    rows: ["big", 25_001],
  },
  {
    title: "mixed encodings and placeholders by script configuration",
    config: { "placeholders.owner": "team-a", "placeholders.limit": "3" },
    files: {
      "V1__utf8.sql":
        "CREATE TABLE words (w text);\nINSERT INTO words VALUES ('größer — ${owner}');\n",
      "V2__latin.sql": Buffer.from("INSERT INTO words VALUES ('größer: é');\n", "latin1"),
      "V2__latin.sql.conf": "encoding=ISO-8859-1\n",
      "V3__wide.sql": Buffer.from("\ufeffINSERT INTO words VALUES ('日本語 😀');\n", "utf16le"),
      "V3__wide.sql.conf": "encoding=UTF-16\n",
      "V4__literal.sql": "INSERT INTO words VALUES ('${owner}');\n",
      "V4__literal.sql.conf": "placeholderReplacement=false\n",
      "R__top.sql": "CREATE OR REPLACE VIEW top AS SELECT w FROM words LIMIT ${limit};\n",
    },
    next: {
      "R__top.sql": "CREATE OR REPLACE VIEW top AS SELECT w FROM words LIMIT 1 + ${limit};\n",
    },
    rows: ["words", 4],
  },
  {
    title: "callbacks around it all, and repeatables that depend on each other",
    config: { "placeholders.reader": "public" },
    files: {
      "beforeMigrate.sql":
        "CREATE TABLE IF NOT EXISTS journal (id int GENERATED ALWAYS AS IDENTITY, e text);\nINSERT INTO journal (e) VALUES ('beforeMigrate');\n",
      ...Object.fromEntries(
        [
          ...["beforeEachMigrate", "afterEachMigrate", "beforeEachMigrateStatement"],
          ...["afterEachMigrateStatement", "afterVersioned", "beforeRepeatables"],
          ...["afterMigrateApplied", "afterMigrate"],
        ].map((e) => [`${e}.sql`, `INSERT INTO journal (e) VALUES ('${e}');\n`]),
      ),
      "afterMigrate__grants.sql": "GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${reader};\n",
      "V1__a.sql": "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\n",
      "V2__b.sql": "CREATE TABLE b (id int);\n",
      "R__01_base.sql": "CREATE OR REPLACE VIEW base AS SELECT id FROM a;\n",
      "R__02_top.sql": "CREATE OR REPLACE VIEW top AS SELECT id FROM base;\n",
    },
    next: { "R__02_top.sql": "CREATE OR REPLACE VIEW top AS SELECT id, id AS again FROM base;\n" },
    rows: ["a", 1],
  },
  {
    title: "transaction control that both pass through",
    files: {
      "V1__framed.sql": "BEGIN;\nCREATE TABLE t (id int);\nINSERT INTO t VALUES (1);\nCOMMIT;\n",
      "V2__middle.sql": "INSERT INTO t VALUES (2);\nCOMMIT;\nBEGIN;\nINSERT INTO t VALUES (3);\n",
      "V3__savepoint.sql":
        "SAVEPOINT a;\nINSERT INTO t VALUES (99);\nROLLBACK TO SAVEPOINT a;\nRELEASE a;\nINSERT INTO t VALUES (4);\n",
      "V4__role.sql":
        "SET ROLE pg_monitor;\nSELECT current_user;\nRESET ROLE;\nINSERT INTO t VALUES (5);\n",
      "V5__path.sql": "CREATE SCHEMA other;\nSET search_path = other;\nCREATE TABLE t2 (id int);\n",
    },
    next: { "V6__after.sql": "CREATE TABLE t3 AS SELECT * FROM t;\n" },
    rows: ["t", 5],
  },
];
