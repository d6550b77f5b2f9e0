-- name: units_for_rent
-- The units that are free from a day of the range until its last day. The tenants of the last day are
-- excluded first, in an index of units and dates; the few remaining units are then looked up one by
-- one.
(
  SELECT u.*,
    greatest({from}, touching.last_day + 1) AS available_from,
    coming.first_day - 1 AS available_to
  FROM rentals.unit u
  CROSS JOIN LATERAL (
    SELECT max(o.last_day) AS last_day FROM (
      SELECT t.occupied_until AS last_day FROM rentals.tenant t
      WHERE t.unit_id = u.id AND t.lease_start_date <= {to} AND t.occupied_until >= {from}
      UNION ALL
      SELECT n.end_date FROM rentals.unavailable_unit n
      WHERE n.unit_id = u.id AND n.start_date <= {to} AND n.end_date >= {from}
    ) o
  ) touching
  CROSS JOIN LATERAL (
    SELECT min(o.first_day) AS first_day FROM (
      SELECT t.lease_start_date AS first_day FROM rentals.tenant t
      WHERE t.unit_id = u.id AND t.lease_start_date > {to}
      UNION ALL
      SELECT n.start_date FROM rentals.unavailable_unit n
      WHERE n.unit_id = u.id AND n.start_date > {to}
    ) o
  ) coming
  WHERE u.active AND {from} <= {to}
  AND NOT EXISTS (
    SELECT FROM rentals.tenant t
    WHERE t.unit_id = u.id AND t.lease_start_date <= {to} AND t.occupied_until >= {to}
  )
  AND NOT EXISTS (
    SELECT FROM rentals.unavailable_unit n
    WHERE n.unit_id = u.id AND n.start_date <= {to} AND coalesce(n.end_date, 'infinity') >= {to}
  )
);
