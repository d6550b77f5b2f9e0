-- A folded name of a place as people compare it: St-Denis is saint denis. The same as
-- gerance.kernel.fold.place_key.
CREATE OR REPLACE FUNCTION place_key(folded text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN btrim(replace(replace(
  ' ' || regexp_replace(btrim(translate(folded, '-‐‒–—―−''‘’ʼ`.,/()_' || chr(9),
    '                   '), ' '), ' +', ' ', 'g') || ' ',
  ' st ', ' saint '), ' ste ', ' sainte '), ' ');
