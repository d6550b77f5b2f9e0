-- Incidents: lots of patrimonies. The indexes hold what `decide` promises when two ask at once: no
-- two lots of a patrimony have one reference, or one number.
CREATE TABLE lot (
  uid uuid PRIMARY KEY,
  company uuid NOT NULL,
  patrimony uuid NOT NULL,
  ref text NOT NULL,
  lot_number text NOT NULL,
  usage text NOT NULL,
  buildings uuid[] NOT NULL,
  addresses text NOT NULL
);
CREATE UNIQUE INDEX lot_ref ON lot (patrimony, ref);
CREATE UNIQUE INDEX lot_number ON lot (patrimony, lot_number);
CREATE INDEX lot_company ON lot (company);

-- lots: those of them that the contact is linked with.
ALTER TABLE patrimony_contact ADD COLUMN lots uuid[] NOT NULL DEFAULT '{}';
CREATE INDEX patrimony_contact_lots ON patrimony_contact USING gin (lots);

CREATE VIEW odata.lot AS
SELECT uid, company AS company_uid, patrimony AS patrimony_uid, ref, lot_number, usage,
  addresses::json #>> '{0,street}' AS street,
  addresses::json #>> '{0,zipCode}' AS zip_code,
  addresses::json #>> '{0,city}' AS city
FROM lot;

-- Rentals: a unit may be linked with a lot.
ALTER TABLE rentals.unit ADD COLUMN lot_uid uuid;
CREATE INDEX unit_lot ON rentals.unit (lot_uid) WHERE lot_uid IS NOT NULL;
