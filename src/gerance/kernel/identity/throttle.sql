-- name: count_failures
-- The failed log-ins of a login from this network and from others, with the seconds since the newest;
-- those of the network alone; whether the login is known there.
SELECT l.here, coalesce(extract(epoch FROM now() - l.newest_here)::float8, 'infinity'),
  l.elsewhere, coalesce(extract(epoch FROM now() - l.newest_elsewhere)::float8, 'infinity'),
  (
    SELECT count(*) FROM login_failure f WHERE f.address = %(network)s
      AND f.at > now() - make_interval(secs => %(window)s)
  ),
  EXISTS (
    SELECT FROM login_address a WHERE a.key = %(key)s AND a.address = %(network)s
      AND a.seen > now() - make_interval(days => %(known)s)
  )
FROM (
  SELECT count(*) FILTER (WHERE f.address = %(network)s) AS here,
    max(f.at) FILTER (WHERE f.address = %(network)s) AS newest_here,
    count(*) FILTER (WHERE f.address IS DISTINCT FROM %(network)s) AS elsewhere,
    max(f.at) FILTER (WHERE f.address IS DISTINCT FROM %(network)s) AS newest_elsewhere
  FROM login_failure f
  WHERE f.key = %(key)s AND f.at > now() - interval '1 day'
) l;

-- name: remember_network
-- Forget the failures of a login from this network, and note that it logged in there.
WITH forgotten AS (
  DELETE FROM login_failure WHERE key = %(key)s AND address = %(network)s
), old AS (
  DELETE FROM login_address WHERE (key, address) IN (
    SELECT key, address FROM login_address
    WHERE seen < now() - make_interval(days => %(known)s)
      AND (key, address) <> (%(key)s, %(network)s)
    FOR UPDATE SKIP LOCKED
  )
)
INSERT INTO login_address AS a (key, address) VALUES (%(key)s, %(network)s)
ON CONFLICT (key, address) DO UPDATE SET seen = now() WHERE a.seen < now() - interval '1 hour';
