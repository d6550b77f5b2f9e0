-- Addresses of patrimonies beside those of their lots, as JSON.
ALTER TABLE patrimony ADD COLUMN addresses text DEFAULT '[]' NOT NULL;
