-- name: columns
-- The columns of a table, with their types, their defaults or how they are generated, and whether
-- they are.
SELECT a.attname, format_type(a.atttypid, NULL), pg_get_expr(d.adbin, d.adrelid),
  a.attgenerated <> ''
FROM pg_attribute a
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum

-- name: users
-- The tables that refer to a table by foreign keys, each with its condition on a row's columns.
SELECT c.conrelid::regclass::text, r.relname,
  string_agg(format('%%I = %%%%(%%s)s', own.attname, theirs.attname), ' AND ' ORDER BY k.nth)
FROM pg_constraint c
JOIN pg_class r ON r.oid = c.conrelid
CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k (own, theirs, nth)
JOIN pg_attribute own ON own.attrelid = c.conrelid AND own.attnum = k.own
JOIN pg_attribute theirs ON theirs.attrelid = c.confrelid AND theirs.attnum = k.theirs
WHERE c.contype = 'f' AND c.confrelid = %s::regclass
GROUP BY c.oid, r.relname
ORDER BY c.oid
