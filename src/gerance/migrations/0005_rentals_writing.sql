-- No two tenants have a unit, a parking or a storage on one day, whoever writes at the same time.
-- int4range holds the id, as gist needs no extension for ranges.
ALTER TABLE rentals.tenant ADD CONSTRAINT tenant_unit_once
  EXCLUDE USING gist (int4range(unit_id, unit_id, '[]') WITH &&,
    daterange(lease_start_date, occupied_until, '[]') WITH &&)
  WHERE (unit_id IS NOT NULL);

-- tenant_departure: DepartureDate of the tenant; occupied_until: the last day on which the place
-- stays the tenant's. What begins after it excludes nobody.
ALTER TABLE rentals.tenant_parking ADD COLUMN tenant_departure date;
UPDATE rentals.tenant_parking r SET tenant_departure = t.departure_date
FROM rentals.tenant t WHERE t.id = r.tenant_id AND t.departure_date IS NOT NULL;
ALTER TABLE rentals.tenant_parking ADD COLUMN occupied_until date NOT NULL GENERATED ALWAYS AS (
  least(tenant_departure, CASE WHEN renewable THEN 'infinity' ELSE end_date END)
) STORED;
ALTER TABLE rentals.tenant_parking ADD CONSTRAINT tenant_parking_once
  EXCLUDE USING gist (int4range(parking_id, parking_id, '[]') WITH &&,
    daterange(start_date, occupied_until, '[]') WITH &&)
  WHERE (occupied_until >= start_date);

ALTER TABLE rentals.tenant_storage ADD COLUMN tenant_departure date;
UPDATE rentals.tenant_storage r SET tenant_departure = t.departure_date
FROM rentals.tenant t WHERE t.id = r.tenant_id AND t.departure_date IS NOT NULL;
ALTER TABLE rentals.tenant_storage ADD COLUMN occupied_until date NOT NULL GENERATED ALWAYS AS (
  least(tenant_departure, CASE WHEN renewable THEN 'infinity' ELSE end_date END)
) STORED;
ALTER TABLE rentals.tenant_storage ADD CONSTRAINT tenant_storage_once
  EXCLUDE USING gist (int4range(storage_id, storage_id, '[]') WITH &&,
    daterange(start_date, occupied_until, '[]') WITH &&)
  WHERE (occupied_until >= start_date);

-- An invoice is in the currency of its division, unless it says another.
ALTER TABLE rentals.invoice ALTER COLUMN currency DROP DEFAULT;

-- The first answer to a request that was sent with an Idempotency-Key, for when it is sent again.
CREATE TABLE idempotency_key (
  integrator uuid NOT NULL,
  key text NOT NULL,
  digest bytea NOT NULL,
  status smallint NOT NULL,
  headers json,
  body bytea,
  created timestamp with time zone NOT NULL DEFAULT now(),
  PRIMARY KEY (integrator, key)
);
CREATE INDEX idempotency_key_created ON idempotency_key (created);
