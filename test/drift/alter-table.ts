import type { Change } from "./fixture";

const users = (what: string) => `ALTER TABLE users ${what}`;
const orders = (what: string) => `ALTER TABLE orders ${what}`;

/** Each command of ALTER TABLE, on tables and on what else has it. */
export const ALTER_TABLE: readonly Change[] = [
  { sql: users("ADD nickname text"), drift: ["column public.users.nickname added"] },
  { sql: users("DROP tags"), drift: ["column public.users.tags removed"] },
  {
    sql: users("DROP tags, ADD tags text[] DEFAULT '{}'"),
    drift: ["column order of public.users changed"],
  },
  { sql: users("ALTER mood DROP DEFAULT"), drift: ["column public.users.mood changed"] },
  { sql: users("ALTER name DROP NOT NULL"), drift: ["column public.users.name changed"] },
  { sql: users("ALTER tags SET NOT NULL"), drift: ["column public.users.tags changed"] },
  {
    sql: users("ALTER upper_name SET EXPRESSION AS (lower(name))"),
    drift: ["column public.users.upper_name changed"],
  },
  {
    sql: users("ALTER upper_name DROP EXPRESSION"),
    drift: ["column public.users.upper_name changed"],
  },
  { sql: users("ALTER tags SET STATISTICS 500"), drift: ["column public.users.tags changed"] },
  { sql: users("ALTER tags SET (n_distinct = 5)"), drift: ["column public.users.tags changed"] },
  {
    given: users("ALTER tags SET (n_distinct = 5)"),
    sql: users("ALTER tags RESET (n_distinct)"),
    drift: ["column public.users.tags changed"],
  },
  { sql: users("ALTER tags SET STORAGE EXTERNAL"), drift: ["column public.users.tags changed"] },
  {
    sql: users("ALTER tags SET COMPRESSION pglz"),
    drift: ["compression of column public.users.tags added"],
  },
  {
    sql: orders("ADD CONSTRAINT positive CHECK (total > 0) NOT VALID"),
    drift: ["constraint public.orders.positive added"],
  },
  {
    sql: orders("ADD CONSTRAINT small CHECK (total < 9) NOT ENFORCED"),
    drift: ["constraint public.orders.small added"],
  },
  {
    sql: orders("ADD UNIQUE (user_id)"),
    drift: ["constraint public.orders.orders_user_id_key added"],
  },
  {
    sql: orders("ADD EXCLUDE USING btree (total WITH =)"),
    drift: ["constraint public.orders.orders_total_excl added"],
  },
  {
    sql: "ALTER TABLE loose ADD PRIMARY KEY (a)",
    drift: ["constraint public.loose.loose_pkey added"],
  },
  {
    sql: "ALTER TABLE loose ADD CONSTRAINT said NOT NULL b NOT VALID",
    drift: ["column public.loose.b changed", "not null constraint public.loose.said added"],
  },
  {
    given: "CREATE UNIQUE INDEX ready ON loose (a)",
    sql: "ALTER TABLE loose ADD CONSTRAINT ready UNIQUE USING INDEX ready",
    drift: ["constraint public.loose.ready added", "index public.ready on public.loose removed"],
  },
  {
    sql: orders("ALTER CONSTRAINT orders_user_fk DEFERRABLE INITIALLY DEFERRED"),
    drift: ["constraint public.orders.orders_user_fk changed"],
  },
  {
    sql: orders("ALTER CONSTRAINT orders_user_fk NOT ENFORCED"),
    drift: ["constraint public.orders.orders_user_fk changed"],
  },
  {
    sql: orders("VALIDATE CONSTRAINT total_there"),
    drift: ["constraint public.orders.total_there changed"],
  },
  {
    sql: orders("DROP CONSTRAINT orders_user_fk"),
    drift: ["constraint public.orders.orders_user_fk removed"],
  },
  {
    sql: "ALTER TABLE parent ALTER a TYPE bigint",
    drift: ["column public.child.a changed", "column public.parent.a changed"],
  },
  {
    sql: "ALTER FOREIGN TABLE away ALTER t OPTIONS (ADD column_name 'x')",
    drift: ["column public.away.t changed"],
  },
  { sql: "ALTER TABLE loose OWNER TO {admin}", drift: ["owner of table public.loose changed"] },
  {
    sql: orders("CLUSTER ON orders_pkey"),
    drift: ["clustered index of table public.orders added"],
  },
  {
    given: orders("CLUSTER ON orders_pkey"),
    sql: orders("SET WITHOUT CLUSTER"),
    drift: ["clustered index of table public.orders removed"],
  },
  { sql: "ALTER TABLE child SET LOGGED", drift: ["table public.child changed"] },
  { sql: "ALTER TABLE loose SET UNLOGGED", drift: ["table public.loose changed"] },
  {
    sql: "ALTER SEQUENCE tickets SET UNLOGGED",
    drift: ["persistence of sequence public.tickets added"],
  },
  { sql: "ALTER TABLE loose SET ACCESS METHOD pile", drift: ["table public.loose changed"] },
  {
    sql: "ALTER MATERIALIZED VIEW totals SET ACCESS METHOD pile",
    drift: ["access method of materialized view public.totals added"],
  },
  {
    sql: "ALTER TABLE loose SET TABLESPACE {tablespace}",
    drift: ["tablespace of table public.loose added"],
  },
  {
    sql: "ALTER INDEX users_email_idx SET TABLESPACE {tablespace}",
    drift: ["tablespace of index public.users_email_idx on public.users added"],
  },
  {
    sql: "ALTER INDEX orders_pkey SET TABLESPACE {tablespace}",
    drift: ["tablespace of constraint public.orders.orders_pkey added"],
  },
  { sql: orders("SET (fillfactor = 80)"), drift: ["table public.orders changed"] },
  { sql: orders("RESET (fillfactor)"), drift: ["table public.orders changed"] },
  {
    sql: "ALTER INDEX users_email_idx SET (fillfactor = 50)",
    drift: ["index public.users_email_idx on public.users changed"],
  },
  {
    sql: "ALTER INDEX users_email_idx ALTER COLUMN 1 SET STATISTICS 300",
    drift: ["settings of index public.users_email_idx on public.users added"],
  },
  { sql: "ALTER VIEW people SET (security_barrier)", drift: ["view public.people changed"] },
  {
    sql: "ALTER VIEW people ALTER label SET DEFAULT 'x'",
    drift: ["column public.people.label added"],
  },
  {
    sql: "ALTER MATERIALIZED VIEW totals ALTER total SET STATISTICS 9",
    drift: ["settings of column public.totals.total added"],
  },
  {
    sql: users("DISABLE TRIGGER users_touch"),
    drift: ["trigger public.users.users_touch changed"],
  },
  {
    sql: users("ENABLE ALWAYS TRIGGER users_touch"),
    drift: ["trigger public.users.users_touch changed"],
  },
  {
    sql: users("ENABLE REPLICA TRIGGER users_touch"),
    drift: ["trigger public.users.users_touch changed"],
  },
  {
    given: users("DISABLE TRIGGER users_touch"),
    sql: users("ENABLE TRIGGER users_touch"),
    drift: ["trigger public.users.users_touch changed"],
  },
  {
    sql: orders("DISABLE TRIGGER ALL"),
    drift: ["constraint public.orders.orders_user_fk changed"],
  },
  {
    given: orders("DISABLE TRIGGER ALL"),
    sql: orders("ENABLE TRIGGER ALL"),
    drift: ["constraint public.orders.orders_user_fk changed"],
  },
  { sql: users("DISABLE TRIGGER USER"), drift: ["trigger public.users.users_touch changed"] },
  {
    given: users("DISABLE TRIGGER USER"),
    sql: users("ENABLE TRIGGER USER"),
    drift: ["trigger public.users.users_touch changed"],
  },
  { sql: orders("DISABLE RULE no_orders"), drift: ["rule public.orders.no_orders changed"] },
  { sql: orders("ENABLE ALWAYS RULE no_orders"), drift: ["rule public.orders.no_orders changed"] },
  { sql: orders("ENABLE REPLICA RULE no_orders"), drift: ["rule public.orders.no_orders changed"] },
  {
    given: orders("DISABLE RULE no_orders"),
    sql: orders("ENABLE RULE no_orders"),
    drift: ["rule public.orders.no_orders changed"],
  },
  {
    given: "CREATE TABLE heir (a int)",
    sql: "ALTER TABLE heir INHERIT parent",
    drift: ["table public.heir changed"],
  },
  { sql: "ALTER TABLE child NO INHERIT parent", drift: ["table public.child changed"] },
  {
    given: 'CREATE TABLE lodging (street text COLLATE "C", zip varchar(10))',
    sql: "ALTER TABLE lodging OF address",
    drift: ["table public.lodging changed"],
  },
  {
    given: "CREATE TABLE lodging OF address",
    sql: "ALTER TABLE lodging NOT OF",
    drift: ["table public.lodging changed"],
  },
  { sql: users("REPLICA IDENTITY FULL"), drift: ["table public.users changed"] },
  { sql: users("REPLICA IDENTITY USING INDEX users_pkey"), drift: ["table public.users changed"] },
  { sql: orders("ENABLE ROW LEVEL SECURITY"), drift: ["table public.orders changed"] },
  { sql: users("DISABLE ROW LEVEL SECURITY"), drift: ["table public.users changed"] },
  { sql: users("FORCE ROW LEVEL SECURITY"), drift: ["table public.users changed"] },
  {
    given: users("FORCE ROW LEVEL SECURITY"),
    sql: users("NO FORCE ROW LEVEL SECURITY"),
    drift: ["table public.users changed"],
  },
  {
    sql: "ALTER FOREIGN TABLE away OPTIONS (ADD table_name 'x')",
    drift: ["foreign table public.away changed"],
  },
  {
    given: "CREATE TABLE events_2021 (LIKE events INCLUDING ALL)",
    sql: "ALTER TABLE events ATTACH PARTITION events_2021 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')",
    drift: [
      "table public.events_2021 changed",
      "constraint public.events_2021.events_2021_pkey removed",
      "index public.events_2021_at_idx on public.events_2021 removed",
    ],
  },
  {
    sql: "ALTER TABLE events DETACH PARTITION events_2020",
    drift: [
      "table public.events_2020 changed",
      "constraint public.events_2020.events_2020_pkey added",
      "index public.events_2020_at_idx on public.events_2020 added",
    ],
  },
  {
    given:
      "UPDATE pg_inherits SET inhdetachpending = true WHERE inhrelid = 'events_2020'::regclass",
    sql: "ALTER TABLE events DETACH PARTITION events_2020 FINALIZE",
    drift: [
      "table public.events_2020 changed",
      "constraint public.events_2020.events_2020_pkey added",
      "index public.events_2020_at_idx on public.events_2020 added",
      "settings of table public.events_2020 removed",
    ],
  },
  {
    sql: "ALTER TABLE loose ALTER a ADD GENERATED ALWAYS AS IDENTITY",
    drift: ["column public.loose.a changed", "sequence public.loose_a_seq of public.loose.a added"],
  },
  { sql: users("ALTER id SET GENERATED BY DEFAULT"), drift: ["column public.users.id changed"] },
  {
    sql: users("ALTER id DROP IDENTITY"),
    drift: [
      "column public.users.id changed",
      "sequence public.users_id_seq of public.users.id removed",
    ],
  },
  {
    sql: "ALTER TYPE address ADD ATTRIBUTE city text",
    drift: ["composite type public.address changed"],
  },
  {
    sql: "ALTER TYPE address DROP ATTRIBUTE zip",
    drift: ["composite type public.address changed"],
  },
  {
    sql: orders(
      "ADD one int NULL DEFAULT 1 REFERENCES users (id) NOT DEFERRABLE INITIALLY IMMEDIATE ENFORCED",
    ),
    drift: ["column public.orders.one added", "constraint public.orders.orders_one_fkey added"],
  },
  {
    sql: orders("ADD FOREIGN KEY (id) REFERENCES users DEFERRABLE INITIALLY DEFERRED NOT ENFORCED"),
    drift: ["constraint public.orders.orders_id_fkey added"],
  },
  {
    sql: orders("ADD later int REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED NOT ENFORCED"),
    drift: ["column public.orders.later added", "constraint public.orders.orders_later_fkey added"],
  },
  {
    sql: "ALTER TABLE loose RENAME b TO called",
    drift: ["column public.loose.b removed", "column public.loose.called added"],
  },
  {
    sql: orders("RENAME CONSTRAINT orders_user_fk TO fk"),
    drift: ["constraint public.orders.fk added", "constraint public.orders.orders_user_fk removed"],
  },
  {
    sql: "ALTER TABLE loose RENAME CONSTRAINT loose_a_not_null TO must",
    drift: ["not null constraint public.loose.must added"],
  },
  {
    sql: "ALTER TYPE address RENAME ATTRIBUTE street TO road",
    drift: ["composite type public.address changed"],
  },
  {
    given: "ALTER TABLE loose SET TABLESPACE {tablespace}",
    sql: "ALTER TABLE ALL IN TABLESPACE {tablespace} SET TABLESPACE pg_default",
    drift: ["tablespace of table public.loose removed"],
  },
];
