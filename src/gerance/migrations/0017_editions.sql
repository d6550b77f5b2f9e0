-- The edition of the incident API that the client of an account reads, and the event types and kinds of users that it cannot.
ALTER TABLE account ADD COLUMN edition text NOT NULL DEFAULT '2020' CHECK (edition IN ('2016', '2017', '2020'));
ALTER TABLE account ADD COLUMN hidden_types text[] NOT NULL DEFAULT '{}';
-- Whose incidents a provider contact takes.
ALTER TABLE provider_contact ADD COLUMN agencies uuid[] NOT NULL DEFAULT '{}';
ALTER TABLE provider_contact ADD COLUMN patrimonies uuid[] NOT NULL DEFAULT '{}';
CREATE INDEX provider_contact_agencies ON provider_contact USING gin (agencies);
CREATE INDEX provider_contact_patrimonies ON provider_contact USING gin (patrimonies);
