-- The declared schema: what all migrations together make. A test compares both.

-- Texts as people compare them: no accents, no case. The same as gerance.kernel.folding.fold.
CREATE FUNCTION fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(
  replace(replace(replace(replace(replace(replace(
    regexp_replace(normalize(value, NFKD), '[\u0300-\u036f]', '', 'g'),
    'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'), 'ß', 'ss'), 'ẞ', 'ss'),
  'ABCDEFGHIJKLMNOPQRSTUVWXYZøØđĐłŁ', 'abcdefghijklmnopqrstuvwxyzooddll');

-- The log. Readers go by (transaction_id, position) and stop below pg_snapshot_xmin().
CREATE TABLE event (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  category text NOT NULL,
  stream uuid NOT NULL,
  version integer NOT NULL,
  ordinal smallint NOT NULL,
  event_type text NOT NULL,
  process_uid uuid NOT NULL,
  sent_date timestamp(3) with time zone NOT NULL,
  actor uuid,
  data json NOT NULL
);
CREATE UNIQUE INDEX event_version ON event (category, stream, version);
CREATE UNIQUE INDEX event_process ON event (process_uid, stream, category) WHERE ordinal = 0;
CREATE INDEX event_sent ON event (category, sent_date, position) INCLUDE (transaction_id);
CREATE INDEX event_order ON event (transaction_id, position);

-- The present state of each aggregate, kept by the write path: never a replay per request.
CREATE TABLE stream (
  category text NOT NULL,
  uid uuid NOT NULL,
  version integer NOT NULL,
  state text NOT NULL,
  PRIMARY KEY (category, uid)
) WITH (fillfactor = 70);

-- Who wants to be told of what, and what is still to be told.
CREATE TABLE subscription (
  uid uuid PRIMARY KEY,
  category text NOT NULL,
  event_types text[],
  active boolean NOT NULL DEFAULT true
);
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subscription uuid NOT NULL REFERENCES subscription ON DELETE CASCADE,
  position bigint NOT NULL
);
CREATE INDEX outbox_subscription ON outbox (subscription, id);

-- Who may log in, and who is logged in.
CREATE TABLE account (
  uid uuid PRIMARY KEY,
  kind text NOT NULL,
  login text NOT NULL,
  company uuid,
  agencies uuid[] NOT NULL DEFAULT '{}',
  patrimonies uuid[] NOT NULL DEFAULT '{}',
  first_name text,
  last_name text NOT NULL,
  job text,
  phone text,
  password_hash text,
  disabled boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX account_login ON account (fold(login));
CREATE INDEX account_company ON account (company);

CREATE TABLE session (
  token_hash bytea PRIMARY KEY,
  account uuid NOT NULL REFERENCES account ON DELETE CASCADE,
  created timestamp with time zone NOT NULL DEFAULT now(),
  seen timestamp with time zone NOT NULL DEFAULT now(),
  expires timestamp with time zone NOT NULL
);
CREATE INDEX session_account ON session (account);
CREATE INDEX session_expires ON session (expires);

CREATE TABLE login_failure (
  key text NOT NULL,
  at timestamp with time zone NOT NULL DEFAULT now()
);
CREATE INDEX login_failure_key ON login_failure (key, at);

CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamp with time zone NOT NULL DEFAULT now(),
  actor text NOT NULL,
  act text NOT NULL,
  subject text NOT NULL
);

-- Incidents: who is who.
CREATE TABLE company (
  uid uuid PRIMARY KEY,
  company_type text NOT NULL,
  name text NOT NULL,
  siret_number text,
  call_center uuid,
  holding uuid,
  billing_type text,
  active boolean NOT NULL DEFAULT true
);
CREATE INDEX company_call_center ON company (call_center);
CREATE INDEX company_holding ON company (holding);

CREATE TABLE agency (
  uid uuid PRIMARY KEY,
  company uuid NOT NULL,
  name text NOT NULL,
  document text NOT NULL,
  active boolean NOT NULL DEFAULT true
);
CREATE INDEX agency_company ON agency (company);

CREATE TABLE patrimony (
  uid uuid PRIMARY KEY,
  company uuid NOT NULL,
  agencies uuid[] NOT NULL,
  ref text NOT NULL,
  label text
);
CREATE INDEX patrimony_company ON patrimony (company);
CREATE INDEX patrimony_agencies ON patrimony USING gin (agencies);

CREATE TABLE provider_company (
  uid uuid PRIMARY KEY,
  name text NOT NULL,
  siret_number text NOT NULL
);

CREATE TABLE provider_contact (
  uid uuid PRIMARY KEY,
  company uuid NOT NULL,
  provider_company uuid,
  name text NOT NULL,
  phones text[] NOT NULL,
  fax text[] NOT NULL,
  emails text[] NOT NULL,
  active boolean NOT NULL DEFAULT true
);
CREATE INDEX provider_contact_company ON provider_contact (company);

CREATE TABLE operator (
  uid uuid PRIMARY KEY,
  call_center uuid NOT NULL,
  first_name text,
  last_name text NOT NULL
);
CREATE INDEX operator_call_center ON operator (call_center);

CREATE TABLE patrimony_contact (
  uid uuid PRIMARY KEY,
  company uuid NOT NULL,
  patrimonies uuid[] NOT NULL,
  account uuid,
  name text NOT NULL,
  document text NOT NULL
);
CREATE INDEX patrimony_contact_patrimonies ON patrimony_contact USING gin (patrimonies);

-- Incidents: tickets. `ticket` has what they are filtered by, `ticket_document` what is answered.
-- number: the log position of the ticket's opening, the order of lists.
CREATE TABLE ticket (
  number bigint PRIMARY KEY,
  uid uuid NOT NULL,
  call_center uuid,
  company uuid NOT NULL,
  holding uuid,
  agencies uuid[] NOT NULL,
  patrimony uuid,
  opened timestamp(3) with time zone NOT NULL,
  closed boolean NOT NULL,
  purpose text NOT NULL,
  city text NOT NULL,
  purpose_key text NOT NULL,
  city_key text NOT NULL,
  zip_code text NOT NULL,
  provider uuid,
  intervention boolean NOT NULL,
  caller uuid,
  restricted boolean NOT NULL
);
CREATE UNIQUE INDEX ticket_uid ON ticket (uid);
CREATE INDEX ticket_call_center ON ticket (call_center, number);
CREATE INDEX ticket_company ON ticket (company, number);
CREATE INDEX ticket_holding ON ticket (holding, number) WHERE holding IS NOT NULL;
CREATE INDEX ticket_agencies ON ticket USING gin (agencies);
CREATE INDEX ticket_patrimony ON ticket (patrimony);
CREATE INDEX ticket_opened ON ticket (opened);
CREATE INDEX ticket_open ON ticket (number) WHERE NOT closed;
CREATE INDEX ticket_purpose ON ticket (purpose_key, number);
CREATE INDEX ticket_city ON ticket (city_key, number);
CREATE INDEX ticket_zip_code ON ticket (zip_code);
CREATE INDEX ticket_provider ON ticket (provider) WHERE provider IS NOT NULL;

-- The words of a ticket, apart from its other filters: nearly every event adds some.
CREATE TABLE ticket_search (
  number bigint PRIMARY KEY,
  words tsvector NOT NULL
) WITH (fillfactor = 85);
CREATE INDEX ticket_search_words ON ticket_search USING gin (words);

-- listed: the members of the ticket's JSON in a list, without braces; exported: those that an export
-- has beside them; parties: what the ticket shows of others.
CREATE TABLE ticket_document (
  number bigint PRIMARY KEY,
  listed text NOT NULL,
  exported text NOT NULL,
  parties text NOT NULL
) WITH (fillfactor = 85, toast_tuple_target = 4080);

-- How many tickets each scope has of each facet ('status:OPENED', 'city:PARIS', ...), as sums
-- (tally) and changes not summed yet (tally_change: appended by writers, who so never wait for one
-- another; summed by the worker).
CREATE TABLE ticket_tally (
  scope text NOT NULL,
  facet text NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (scope, facet)
);
CREATE TABLE ticket_tally_change (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scopes text[] NOT NULL,
  gained text[] NOT NULL,
  lost text[] NOT NULL
);

-- How often each entity set has changed: the sum over its slots, of which each writer has its own.
CREATE TABLE set_version (
  set_name text NOT NULL,
  slot smallint NOT NULL,
  changes bigint NOT NULL,
  PRIMARY KEY (set_name, slot)
) WITH (fillfactor = 50);

-- Who reads and writes through the rental API. sets: the entity sets it may use, null for all;
-- places: companies and divisions that it sees, null for all; signing_key: signs its tokens, a new
-- one voids those given out.
CREATE TABLE integrator (
  uid uuid PRIMARY KEY,
  name text NOT NULL,
  user_name text NOT NULL,
  key_hash bytea NOT NULL,
  password_hash text NOT NULL,
  signing_key bytea NOT NULL,
  read_only boolean NOT NULL DEFAULT false,
  sets text[],
  places json,
  incidents boolean NOT NULL DEFAULT false,
  disabled boolean NOT NULL DEFAULT false,
  created timestamp with time zone NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX integrator_key ON integrator (key_hash);
CREATE UNIQUE INDEX integrator_user_name ON integrator (fold(user_name));
