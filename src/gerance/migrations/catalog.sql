WITH ours AS (
    SELECT oid, nspname FROM pg_namespace
    WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\_%'
),
relations AS (
    SELECT c.oid, c.relkind, n.nspname || '.' || c.relname AS name
    FROM pg_class c JOIN ours n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relname <> 'alembic_version'
)
SELECT regexp_replace(line, '\s+', ' ', 'g') COLLATE "C" FROM (
    SELECT CASE WHEN relkind IN ('v', 'm') THEN 'view ' ELSE 'table ' END || name AS line
    FROM relations
    UNION ALL
    SELECT 'column ' || r.name || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
        || CASE a.attidentity WHEN '' THEN '' ELSE ' IDENTITY ' || a.attidentity::text END
        || CASE a.attgenerated WHEN '' THEN '' ELSE ' GENERATED' END
        || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
        || coalesce(' COLLATE ' || (SELECT l.collname FROM pg_collation l
            WHERE l.oid = a.attcollation AND l.collname <> 'default'), '')
    FROM relations r
    JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    UNION ALL
    SELECT 'index ' || pg_get_indexdef(i.indexrelid)
        || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END
    FROM relations r JOIN pg_index i ON i.indrelid = r.oid
    UNION ALL
    SELECT 'constraint ' || r.name || '.' || k.conname || ' ' || pg_get_constraintdef(k.oid)
        || CASE WHEN k.convalidated THEN '' ELSE ' NOT VALIDATED' END
    FROM relations r JOIN pg_constraint k ON k.conrelid = r.oid AND k.contype IN ('p', 'u', 'f', 'c', 'x')
    UNION ALL
    SELECT 'trigger ' || pg_get_triggerdef(t.oid)
        || CASE t.tgenabled WHEN 'O' THEN '' ELSE ' ENABLED ' || t.tgenabled::text END
    FROM relations r JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
    UNION ALL
    SELECT 'function ' || n.nspname || '.' || p.proname
        || '(' || pg_get_function_identity_arguments(p.oid) || ') '
        || coalesce(pg_get_function_result(p.oid), '') || ' ' || p.provolatile::text
        || ' ' || md5(regexp_replace(coalesce(pg_get_function_sqlbody(p.oid), p.prosrc), '\s+', ' ', 'g'))
    FROM pg_proc p JOIN ours n ON n.oid = p.pronamespace
    WHERE NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = p.oid AND e.deptype = 'e')
) lines
ORDER BY 1
