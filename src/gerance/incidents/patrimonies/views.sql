-- name: addresses
-- The addresses of the lots of the patrimony `p`, each once, as a JSON array.
(SELECT coalesce(json_agg(place.shown ORDER BY place.key), '[]') FROM (
  SELECT DISTINCT ON (key) key, json_build_object(
    'uid', a ->> 'uid', 'number', a ->> 'number', 'street', a ->> 'street', 'city', a ->> 'city',
    'zipCode', a ->> 'zipCode', 'country', a ->> 'country', 'geoLocation', a -> 'geoLocation',
    'checker', a -> 'checker') AS shown
  FROM lot l, json_array_elements(l.addresses::json) AS a,
    LATERAL fold(concat_ws(' ', a ->> 'zipCode', a ->> 'city', a ->> 'street', a ->> 'number')) AS key
  WHERE l.patrimony = p.uid
  ORDER BY key, (a ->> 'checker') IS NULL, a ->> 'uid'
  LIMIT 100
) place);

-- name: address_words
-- The words of the addresses of the patrimony `p`, and of those of its lots.
(SELECT string_agg(DISTINCT concat_ws(' ', a ->> 'number', a ->> 'street', a ->> 'complement',
    a ->> 'zipCode', a ->> 'city'), ' ') FROM (
  SELECT json_array_elements(p.addresses::json) AS a
  UNION ALL SELECT json_array_elements(l.addresses::json) FROM lot l WHERE l.patrimony = p.uid
) place);
