-- The short references of tickets, by which people name them on the telephone: 2026-004217.
-- No event has them and no rebuild can make them again. series: the call centre, else the company.
CREATE SEQUENCE IF NOT EXISTS ticket_number;
CREATE TABLE IF NOT EXISTS ticket_series (
  series uuid NOT NULL,
  year integer NOT NULL,
  base bigint NOT NULL,
  PRIMARY KEY (series, year)
);
CREATE TABLE IF NOT EXISTS ticket_reference (
  ticket uuid PRIMARY KEY,
  series uuid NOT NULL,
  ref text COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS ticket_reference_ref ON ticket_reference (series, ref);
-- The reference of a ticket in a series: the one that it has, if no other ticket of the series has it,
-- else the next one. Numbers come from one sequence, which no transaction locks, less what it was at
-- the first ticket of the series in the year: a series may have gaps, and never the same number twice.
CREATE OR REPLACE FUNCTION ticket_reference_for(of_ticket uuid, of_series uuid, of_year integer) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  present record;
  base bigint;
  number text;
BEGIN
  SELECT r.series, r.ref INTO present FROM ticket_reference r WHERE r.ticket = of_ticket;
  IF FOUND AND (present.series = of_series OR NOT EXISTS (
      SELECT FROM ticket_reference r WHERE r.series = of_series AND r.ref = present.ref)) THEN
    RETURN present.ref;
  END IF;
  SELECT s.base INTO base FROM ticket_series s WHERE s.series = of_series AND s.year = of_year;
  IF NOT FOUND THEN
    INSERT INTO ticket_series (series, year, base)
    VALUES (of_series, of_year, nextval('ticket_number')) ON CONFLICT DO NOTHING;
    SELECT s.base INTO base FROM ticket_series s WHERE s.series = of_series AND s.year = of_year;
  END IF;
  number := (nextval('ticket_number') - base)::text;
  RETURN lpad(of_year::text, 4, '0') || '-' || lpad(number, greatest(6, length(number)), '0');
END
$$;
