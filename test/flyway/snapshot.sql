SET client_min_messages = error;
CREATE FUNCTION pg_temp.fw_rows(rel text, ord text, cols text) RETURNS json LANGUAGE plpgsql AS $fw$
DECLARE r json;
BEGIN
  EXECUTE format('SELECT coalesce(json_agg(fw__r), ''[]''::json) FROM (SELECT %s FROM %s x ORDER BY %s LIMIT 60) fw__r', cols, rel, ord) INTO r;
  RETURN r;
END $fw$;
WITH ns AS (
  SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), rel AS (
  SELECT c.oid, c.relkind, n.nspname, c.relname, quote_ident(n.nspname)||'.'||quote_ident(c.relname) AS q,
    (c.relkind = 'r' AND (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND
      a.attname IN ('installed_rank','version','description','type','script','checksum','installed_by','installed_on','execution_time','success')) = 10) AS hist
  FROM pg_class c JOIN ns n ON n.oid = c.relnamespace
  WHERE NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
), cols AS (
  SELECT a.attrelid, json_agg(a.attname||' '||format_type(a.atttypid, a.atttypmod)||CASE WHEN a.attnotnull THEN ' not null' ELSE '' END||
     coalesce(' default '||pg_get_expr(ad.adbin, ad.adrelid), '')||CASE a.attidentity WHEN '' THEN '' ELSE ' identity '||a.attidentity::text END ORDER BY a.attnum) AS c
  FROM pg_attribute a LEFT JOIN pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped GROUP BY 1
)
SELECT json_build_object(
 'history', coalesce((SELECT json_object_agg(q, pg_temp.fw_rows(q, '1', 'installed_rank,version,description,type,script,checksum,success') ORDER BY q) FROM rel WHERE hist), '{}'::json),
 'historyShape', coalesce((SELECT json_object_agg(q, json_build_object('columns', (SELECT c FROM cols WHERE attrelid = rel.oid),
      'constraints', (SELECT json_agg(conname||' '||pg_get_constraintdef(oid) ORDER BY conname) FROM pg_constraint WHERE conrelid = rel.oid AND contype <> 'n'),
      'indexes', (SELECT json_agg(pg_get_indexdef(indexrelid) ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid = rel.oid)) ORDER BY q) FROM rel WHERE hist), '{}'::json),
 'schemas', (SELECT json_agg(nspname ORDER BY nspname) FROM ns),
 'tables', coalesce((SELECT json_object_agg(q, json_build_object('columns', (SELECT c FROM cols WHERE attrelid = rel.oid),
      'constraints', coalesce((SELECT json_agg(conname||' '||pg_get_constraintdef(oid) ORDER BY conname) FROM pg_constraint WHERE conrelid = rel.oid AND contype <> 'n'), '[]'::json),
      'rows', pg_temp.fw_rows(q, 'x::text COLLATE "C"', '*')) ORDER BY q) FROM rel WHERE relkind IN ('r','p') AND NOT hist), '{}'::json),
 'views', coalesce((SELECT json_object_agg(q, json_build_object('kind', relkind, 'md5', md5(pg_get_viewdef(oid))) ORDER BY q) FROM rel WHERE relkind IN ('v','m')), '{}'::json),
 'indexes', coalesce((SELECT json_agg(pg_get_indexdef(i.indexrelid)||CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END ORDER BY pg_get_indexdef(i.indexrelid)) FROM pg_index i JOIN rel ON rel.oid = i.indrelid WHERE NOT rel.hist AND rel.relkind <> 't'), '[]'::json),
 'sequences', coalesce((SELECT json_agg(q ORDER BY q) FROM rel WHERE relkind = 'S'), '[]'::json),
 'functions', coalesce((SELECT json_object_agg(n.nspname||'.'||p.proname||'('||pg_get_function_identity_arguments(p.oid)||')', json_build_object('kind', p.prokind, 'returns', pg_get_function_result(p.oid), 'md5', CASE WHEN p.prokind IN ('f','p') THEN md5(replace(pg_get_functiondef(p.oid), chr(13), '')) END) ORDER BY n.nspname, p.proname) FROM pg_proc p JOIN ns n ON n.oid = p.pronamespace WHERE NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')), '{}'::json),
 'enums', coalesce((SELECT json_object_agg(n.nspname||'.'||t.typname, (SELECT json_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid) ORDER BY n.nspname, t.typname) FROM pg_type t JOIN ns n ON n.oid = t.typnamespace WHERE t.typtype = 'e'), '{}'::json),
 'domains', coalesce((SELECT json_agg(n.nspname||'.'||t.typname ORDER BY n.nspname, t.typname) FROM pg_type t JOIN ns n ON n.oid = t.typnamespace WHERE t.typtype = 'd'), '[]'::json),
 'triggers', coalesce((SELECT json_agg(rel.q||' '||tgname ORDER BY rel.q, tgname) FROM pg_trigger t JOIN rel ON rel.oid = t.tgrelid WHERE NOT tgisinternal), '[]'::json),
 'extensions', coalesce((SELECT json_agg(extname ORDER BY extname) FROM pg_extension WHERE extname <> 'plpgsql'), '[]'::json)
);
