-- platform V3: kept for reference. It changes nothing.
--
-- The agents schema was once created from this folder. Agents now have a database and a folder of their own, and the
-- tables are in migrations/agents/V3__create_agents_schema.sql. The file stays because its row is in the history of
-- every platform database: without it each of them would hold a version 3 that no file explains.
--
-- It asks pg_namespace what kind of database it meets and says so. An agents schema left here from those days is
-- not touched: whether it may go is a decision for a migration of its own, after a look at what is in it.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'platform') THEN
        RAISE NOTICE 'Schema platform is not here: this file belongs to the platform database. Nothing was changed.';
    ELSIF EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'agents') THEN
        RAISE NOTICE 'Schema agents was found in the platform database, from before it moved. It was left as it is.';
    ELSE
        RAISE NOTICE 'The agents schema lives in the agents database. Nothing was changed.';
    END IF;
END
$$;
