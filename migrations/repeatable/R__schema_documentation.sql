-- A shared repeatable: view public.schema_documentation, the documentation of the database that it is in.
--
-- The migrations document the schema by COMMENT ON. This view gives it back as a table: one row for each table or view
-- (column_position 0), followed by one for each of its columns. For instance, what nobody has described yet:
--     SELECT schema_name, relation_name, column_name FROM public.schema_documentation WHERE comment IS NULL;
--
-- It reads the catalog and nothing else, so it is valid in every database and stands in no one's way: a table or column
-- can be dropped as if the view were not there. It runs after all versioned migrations, and again whenever this file
-- changes. New columns go to the end: CREATE OR REPLACE VIEW cannot move or remove any.
--
-- A versioned migration must not use what a repeatable makes: on a new database the repeatables come last.

CREATE OR REPLACE VIEW public.schema_documentation AS
WITH relations AS (
    SELECT
        relation.oid AS relation_id,
        namespace.nspname::text AS schema_name,
        relation.relname::text AS relation_name,
        CASE relation.relkind
            WHEN 'r' THEN 'table'
            WHEN 'p' THEN 'partitioned table'
            WHEN 'v' THEN 'view'
            WHEN 'm' THEN 'materialized view'
            WHEN 'f' THEN 'foreign table'
        END AS relation_kind
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    WHERE relation.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND namespace.nspname <> 'information_schema'
        AND namespace.nspname !~ '^pg_'
)
SELECT
    schema_name,
    relation_name,
    relation_kind,
    0 AS column_position,
    NULL::text AS column_name,
    NULL::text AS data_type,
    NULL::boolean AS nullable,
    NULL::text AS default_expression,
    pg_catalog.obj_description(relation_id, 'pg_class') AS comment
FROM relations
UNION ALL
SELECT
    relations.schema_name,
    relations.relation_name,
    relations.relation_kind,
    attribute.attnum::integer,
    attribute.attname::text,
    pg_catalog.format_type(attribute.atttypid, attribute.atttypmod),
    NOT attribute.attnotnull,
    pg_catalog.pg_get_expr(attribute_default.adbin, attribute_default.adrelid),
    pg_catalog.col_description(relations.relation_id, attribute.attnum)
FROM relations
JOIN pg_catalog.pg_attribute AS attribute
    ON attribute.attrelid = relations.relation_id
    AND attribute.attnum > 0
    AND NOT attribute.attisdropped
LEFT JOIN pg_catalog.pg_attrdef AS attribute_default
    ON attribute_default.adrelid = attribute.attrelid
    AND attribute_default.adnum = attribute.attnum
ORDER BY schema_name, relation_name, column_position;

COMMENT ON VIEW public.schema_documentation IS 'The comments of all tables, views and columns of this database, read from the catalog.';
COMMENT ON COLUMN public.schema_documentation.schema_name IS 'Schema of the table or view.';
COMMENT ON COLUMN public.schema_documentation.relation_name IS 'Name of the table or view.';
COMMENT ON COLUMN public.schema_documentation.relation_kind IS 'table, partitioned table, view, materialized view or foreign table.';
COMMENT ON COLUMN public.schema_documentation.column_position IS '0 for the table or view itself; otherwise the number of the column, with gaps where columns were dropped.';
COMMENT ON COLUMN public.schema_documentation.column_name IS 'Name of the column; NULL for the table or view itself.';
COMMENT ON COLUMN public.schema_documentation.data_type IS 'Type of the column, as one would write it.';
COMMENT ON COLUMN public.schema_documentation.nullable IS 'Whether the column may be NULL.';
COMMENT ON COLUMN public.schema_documentation.default_expression IS 'Default of the column, or the expression it is generated from; NULL if it has none.';
COMMENT ON COLUMN public.schema_documentation.comment IS 'What COMMENT ON said; NULL if nothing did.';
