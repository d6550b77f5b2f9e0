-- The declared schema: what all migrations together make. A test compares both.

-- Texts as people compare them: no accents, no case. The same as gerance.kernel.fold.fold.
CREATE FUNCTION fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(
  replace(replace(replace(replace(replace(replace(
    regexp_replace(normalize(value, NFKD), '[\u0300-\u036f]', '', 'g'),
    'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'), 'ß', 'ss'), 'ẞ', 'ss'),
  'ABCDEFGHIJKLMNOPQRSTUVWXYZøØđĐłŁ', 'abcdefghijklmnopqrstuvwxyzooddll');

-- A folded name of a place as people compare it: St-Denis is saint denis. The same as
-- gerance.kernel.fold.place_key.
CREATE FUNCTION place_key(folded text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN btrim(replace(replace(
  ' ' || regexp_replace(btrim(translate(folded, '-‐‒–—―−''‘’ʼ`.,/()_' || chr(9),
    '                   '), ' '), ' +', ' ', 'g') || ' ',
  ' st ', ' saint '), ' ste ', ' sainte '), ' ');

-- The log. Readers go by (transaction_id, position) and stop below pg_snapshot_xmin().
-- caused_by: the position of the event to which a reaction answered with this one.
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
  data json NOT NULL,
  caused_by bigint
);
CREATE UNIQUE INDEX event_version ON event (category, stream, version);
CREATE UNIQUE INDEX event_process ON event (process_uid, stream, category) WHERE ordinal = 0;
CREATE INDEX event_sent ON event (category, sent_date, position) INCLUDE (transaction_id);
CREATE INDEX event_order ON event (transaction_id, position);
CREATE INDEX event_caused ON event (caused_by) WHERE caused_by IS NOT NULL;

-- Who reads the log in its order, and up to where: everything until that event is dealt with.
CREATE TABLE follower (
  name text PRIMARY KEY,
  transaction_id xid8 NOT NULL,
  position bigint NOT NULL
);

-- What a reaction was to do and could not, once for an event.
CREATE TABLE reaction_failure (
  position bigint NOT NULL,
  reaction text NOT NULL,
  at timestamp with time zone NOT NULL DEFAULT now(),
  code text NOT NULL,
  message text NOT NULL,
  PRIMARY KEY (position, reaction)
);

-- Jobs that are done once a day, by whichever process comes first: up to which day they are.
-- confirmed: up to this day an operator lets the job go on; stopped: why it does not, if it does not.
CREATE TABLE scheduled_job (
  name text PRIMARY KEY,
  day date NOT NULL,
  finished timestamp with time zone NOT NULL DEFAULT now(),
  confirmed date,
  stopped text
);

-- The present state of each aggregate, kept by the write path: never a replay per request.
CREATE TABLE stream (
  category text NOT NULL,
  uid uuid NOT NULL,
  version integer NOT NULL,
  state text NOT NULL,
  PRIMARY KEY (category, uid)
) WITH (fillfactor = 70);

-- Who is told of what, by calls to their endpoints.
-- flavour: whose form of message it takes; owner: who made it, as the flavour names its people;
-- choice: what the flavour further chooses by; rate: calls a second; spent: up to when the rate is
-- used up; held: not before then, as its last answer said.
CREATE TABLE endpoint (
  uid uuid PRIMARY KEY,
  flavour text NOT NULL,
  owner text NOT NULL,
  url text NOT NULL,
  headers json NOT NULL DEFAULT '[]',
  choice json NOT NULL DEFAULT '{}',
  secret text NOT NULL,
  previous_secret text,
  previous_until timestamp with time zone,
  rate real CHECK (rate > 0),
  spent timestamp with time zone NOT NULL DEFAULT '-infinity',
  held timestamp with time zone NOT NULL DEFAULT '-infinity',
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'off')),
  reason text,
  failing_since timestamp with time zone,
  created timestamp with time zone NOT NULL DEFAULT now()
) WITH (fillfactor = 70);
CREATE INDEX endpoint_owner ON endpoint (flavour, owner);

-- event_types: null for all; scope: members that an event's data have to have.
CREATE TABLE subscription (
  category text NOT NULL,
  endpoint uuid NOT NULL REFERENCES endpoint ON DELETE CASCADE,
  event_types text[],
  active boolean NOT NULL DEFAULT true,
  scope jsonb,
  PRIMARY KEY (category, endpoint)
);
CREATE INDEX subscription_endpoint ON subscription (endpoint);

-- What is still to be told. due: -infinity: new, nobody has checked whether another row of its stream is
-- in front of it; infinity: given up until somebody replays it.
-- failures: calls that failed; claims: how often a worker took it, so that a late one is known;
-- parked: behind another of its stream, and ready when that one is done with;
-- bytes: how large its event is.
-- No foreign key: writers would lock the row of the endpoint, which workers change.
CREATE TABLE outbox (
  endpoint uuid NOT NULL,
  position bigint NOT NULL,
  stream uuid NOT NULL,
  due timestamp with time zone NOT NULL DEFAULT '-infinity',
  failures smallint NOT NULL DEFAULT 0,
  claims integer NOT NULL DEFAULT 0,
  parked boolean NOT NULL DEFAULT false,
  bytes integer NOT NULL DEFAULT 0,
  PRIMARY KEY (endpoint, position)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX outbox_due ON outbox (endpoint, due, position) WHERE NOT parked;
CREATE INDEX outbox_stream ON outbox (endpoint, stream, position);

-- Each call that was made. position, category, stream and event_type are null for a ping.
CREATE TABLE delivery (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  endpoint uuid NOT NULL,
  flavour text NOT NULL,
  owner text NOT NULL,
  position bigint,
  category text,
  stream uuid,
  event_type text,
  message_id text NOT NULL,
  attempt integer NOT NULL,
  url text NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  duration_ms real NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('delivered', 'failed', 'dead')),
  status integer,
  failure text,
  detail text NOT NULL,
  request text NOT NULL,
  answer text NOT NULL
);
CREATE INDEX delivery_endpoint ON delivery (endpoint, id);
CREATE INDEX delivery_owner ON delivery (flavour, owner, id);
CREATE INDEX delivery_at ON delivery USING brin (at);

-- Workers that wait to be woken; what a crash leaves here is over soon.
CREATE UNLOGGED TABLE sleeper (
  worker uuid PRIMARY KEY,
  until timestamp with time zone NOT NULL
);

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
  disabled boolean NOT NULL DEFAULT false,
  totp_secret text,
  totp_step bigint NOT NULL DEFAULT 0,
  recovery_hashes bytea[] NOT NULL DEFAULT '{}',
  edition text NOT NULL DEFAULT '2020' CHECK (edition IN ('2016', '2017', '2020')),
  hidden_types text[] NOT NULL DEFAULT '{}'
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

-- key: the login, address: the network that it failed or succeeded from.
CREATE TABLE login_failure (
  key text NOT NULL,
  at timestamp with time zone NOT NULL DEFAULT now(),
  address text
);
CREATE INDEX login_failure_key ON login_failure (key, at);
CREATE INDEX login_failure_address ON login_failure (address, at);
CREATE INDEX login_failure_at ON login_failure (at);

CREATE TABLE login_address (
  key text NOT NULL,
  address text NOT NULL,
  seen timestamp with time zone NOT NULL DEFAULT now(),
  PRIMARY KEY (key, address)
);
CREATE INDEX login_address_seen ON login_address (seen);

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
  label text,
  addresses text DEFAULT '[]' NOT NULL
);
CREATE INDEX patrimony_company ON patrimony (company);
CREATE INDEX patrimony_agencies ON patrimony USING gin (agencies);

-- No two lots of a patrimony have one reference, or one number, whoever asks at once.
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
  active boolean NOT NULL DEFAULT true,
  agencies uuid[] NOT NULL DEFAULT '{}',
  patrimonies uuid[] NOT NULL DEFAULT '{}'
);
CREATE INDEX provider_contact_company ON provider_contact (company);
CREATE INDEX provider_contact_agencies ON provider_contact USING gin (agencies);
CREATE INDEX provider_contact_patrimonies ON provider_contact USING gin (patrimonies);

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
  document text NOT NULL,
  lots uuid[] NOT NULL DEFAULT '{}'
);
CREATE INDEX patrimony_contact_patrimonies ON patrimony_contact USING gin (patrimonies);
CREATE INDEX patrimony_contact_lots ON patrimony_contact USING gin (lots);

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
CREATE INDEX ticket_place ON ticket (place_key(city_key), number);
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

-- The short references of tickets, by which people name them on the telephone: 2026-004217.
-- No event has them and no rebuild can make them again. series: the call centre, else the company.
CREATE SEQUENCE ticket_number;
CREATE TABLE ticket_series (
  series uuid NOT NULL,
  year integer NOT NULL,
  base bigint NOT NULL,
  PRIMARY KEY (series, year)
);
CREATE TABLE ticket_reference (
  ticket uuid PRIMARY KEY,
  series uuid NOT NULL,
  ref text COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX ticket_reference_ref ON ticket_reference (series, ref);
-- The reference of a ticket in a series: the one that it has, if no other ticket of the series has it,
-- else the next one. Numbers come from one sequence, which no transaction locks, less what it was at
-- the first ticket of the series in the year: a series may have gaps, and never the same number twice.
CREATE FUNCTION ticket_reference_for(of_ticket uuid, of_series uuid, of_year integer) RETURNS text
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
  created timestamp with time zone NOT NULL DEFAULT now(),
  partners boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX integrator_key ON integrator (key_hash);
CREATE UNIQUE INDEX integrator_user_name ON integrator (fold(user_name));

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

-- The key that signs skip and delta tokens.
CREATE TABLE token_key (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  key bytea NOT NULL CHECK (length(key) = 32)
);

-- Small and capital letters, the same on every server whatever its locale: Latin, Greek, Cyrillic.
CREATE FUNCTION lower_text(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(lower(value COLLATE "C"),
  'ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮĲĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽͰͲͶͿΆΈΉΊΌΎΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫϏϘϚϜϞϠϢϤϦϨϪϬϮϷϹϺϽϾϿЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѶѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӃӅӇӉӋӍӐӒӔӖӘӚӜӞӠӢӤӦӨӪӬӮӰӲӴӶӸӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮḀḂḄḆḈḊḌḎḐḒḔḖḘḚḜḞḠḢḤḦḨḪḬḮḰḲḴḶḸḺḼḾṀṂṄṆṈṊṌṎṐṒṔṖṘṚṜṞṠṢṤṦṨṪṬṮṰṲṴṶṸṺṼṾẀẂẄẆẈẊẌẎẐẒẔẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸỺỼỾ',
  'àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįĳĵķĺļľŀłńņňŋōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷÿźżžͱͳͷϳάέήίόύώαβγδεζηθικλμνξοπρστυφχψωϊϋϗϙϛϝϟϡϣϥϧϩϫϭϯϸϲϻͻͼͽѐёђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѷѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӂӄӆӈӊӌӎӑӓӕӗәӛӝӟӡӣӥӧөӫӭӯӱӳӵӷӹӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯḁḃḅḇḉḋḍḏḑḓḕḗḙḛḝḟḡḣḥḧḩḫḭḯḱḳḵḷḹḻḽḿṁṃṅṇṉṋṍṏṑṓṕṗṙṛṝṟṡṣṥṧṩṫṭṯṱṳṵṷṹṻṽṿẁẃẅẇẉẋẍẏẑẓẕạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹỻỽỿ');
CREATE FUNCTION upper_text(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(upper(value COLLATE "C"),
  'àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįĳĵķĺļľŀłńņňŋōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷÿźżžͱͳͷϳάέήίόύώαβγδεζηθικλμνξοπρστυφχψωϊϋϗϙϛϝϟϡϣϥϧϩϫϭϯϸϲϻͻͼͽѐёђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѷѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӂӄӆӈӊӌӎӑӓӕӗәӛӝӟӡӣӥӧөӫӭӯӱӳӵӷӹӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯḁḃḅḇḉḋḍḏḑḓḕḗḙḛḝḟḡḣḥḧḩḫḭḯḱḳḵḷḹḻḽḿṁṃṅṇṉṋṍṏṑṓṕṗṙṛṝṟṡṣṥṧṩṫṭṯṱṳṵṷṹṻṽṿẁẃẅẇẉẋẍẏẑẓẕạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹỻỽỿ',
  'ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮĲĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽͰͲͶͿΆΈΉΊΌΎΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫϏϘϚϜϞϠϢϤϦϨϪϬϮϷϹϺϽϾϿЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѶѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӃӅӇӉӋӍӐӒӔӖӘӚӜӞӠӢӤӦӨӪӬӮӰӲӴӶӸӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮḀḂḄḆḈḊḌḎḐḒḔḖḘḚḜḞḠḢḤḦḨḪḬḮḰḲḴḶḸḺḼḾṀṂṄṆṈṊṌṎṐṒṔṖṘṚṜṞṠṢṤṦṨṪṬṮṰṲṴṶṸṺṼṾẀẂẄẆẈẊẌẎẐẒẔẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸỺỼỾ');

-- Rentals. Each table has what its entity type declares (rentals/*/entity.py). Beside it, version:
-- counts the changes of a row; ..._key: a text as people sort it; company_no, division_no: whose it
-- is, also where its entity does not show it. What follows from the row itself is generated,
-- what follows from other rows is kept by rentals/writing/derived.py.
CREATE SCHEMA rentals;

-- Rentals: what is let.
CREATE TABLE rentals.ledger_division (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  company_name varchar(80) NOT NULL,
  name varchar(80) NOT NULL,
  currency varchar(3) NOT NULL DEFAULT 'CAD',
  fiscal_year_start_month integer NOT NULL DEFAULT 1
    CHECK (fiscal_year_start_month BETWEEN 1 AND 12),
  active boolean NOT NULL DEFAULT true,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  company_name_key text COLLATE "C" GENERATED ALWAYS AS (fold(company_name)) STORED,
  name_key text COLLATE "C" GENERATED ALWAYS AS (fold(name)) STORED,
  UNIQUE (company_no, division_no)
);

CREATE TABLE rentals.building (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  building_code varchar(10) COLLATE "C" NOT NULL,
  name varchar(80) NOT NULL,
  civic_no_and_street varchar(100) NOT NULL,
  city varchar(60) NOT NULL,
  province varchar(60),
  postal_code varchar(10),
  country varchar(2),
  construction_year integer,
  number_of_floors integer CHECK (number_of_floors >= 0),
  number_of_units integer NOT NULL DEFAULT 0,
  manager_name varchar(80),
  phone varchar(30),
  email varchar(120),
  heating_type varchar(40),
  latitude double precision,
  longitude double precision,
  municipal_evaluation numeric(12,2) CHECK (municipal_evaluation >= 0),
  acquisition_date date,
  active boolean NOT NULL DEFAULT true,
  patrimony_uid uuid,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  name_key text COLLATE "C" GENERATED ALWAYS AS (fold(name)) STORED,
  city_key text COLLATE "C" GENERATED ALWAYS AS (fold(city)) STORED,
  manager_name_key text COLLATE "C" GENERATED ALWAYS AS (fold(manager_name)) STORED,
  FOREIGN KEY (company_no, division_no)
    REFERENCES rentals.ledger_division (company_no, division_no)
);
CREATE UNIQUE INDEX building_code ON rentals.building
  (company_no, division_no, rtrim(building_code));
CREATE INDEX building_patrimony ON rentals.building (patrimony_uid)
  WHERE patrimony_uid IS NOT NULL;

CREATE TABLE rentals.housing_type (
  id integer GENERATED BY DEFAULT AS IDENTITY UNIQUE,
  code varchar(10) COLLATE "C" PRIMARY KEY,
  name varchar(60) NOT NULL,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  name_key text COLLATE "C" GENERATED ALWAYS AS (fold(name)) STORED
);
CREATE UNIQUE INDEX housing_type_code ON rentals.housing_type (rtrim(code));

CREATE TABLE rentals.unit (
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  building_code varchar(10) COLLATE "C" NOT NULL,
  unit_code varchar(10) COLLATE "C" NOT NULL,
  occupancy_status varchar(1) COLLATE "C" NOT NULL DEFAULT 'V'
    CHECK (occupancy_status IN ('V', 'L', 'R', 'N')),
  housing_type varchar(10) COLLATE "C" REFERENCES rentals.housing_type,
  number_of_rooms numeric(4,1) CHECK (number_of_rooms >= 0),
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  building_id integer NOT NULL REFERENCES rentals.building,
  floor integer,
  area numeric(9,2) CHECK (area >= 0),
  base_rent numeric(12,2) CHECK (base_rent >= 0),
  heated boolean NOT NULL DEFAULT false,
  electricity_included boolean NOT NULL DEFAULT false,
  furnished boolean NOT NULL DEFAULT false,
  pets_allowed boolean NOT NULL DEFAULT false,
  appliances varchar(200),
  description varchar(2000),
  active boolean NOT NULL DEFAULT true,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  lot_uid uuid
);
CREATE UNIQUE INDEX unit_code ON rentals.unit
  (company_no, division_no, rtrim(building_code), rtrim(unit_code));
CREATE INDEX unit_building ON rentals.unit (building_id, id);
CREATE INDEX unit_housing_type ON rentals.unit (housing_type, id);
CREATE INDEX unit_lot ON rentals.unit (lot_uid) WHERE lot_uid IS NOT NULL;

CREATE TABLE rentals.unavailable_unit (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  unit_id integer NOT NULL REFERENCES rentals.unit,
  start_date date NOT NULL,
  end_date date,
  reason varchar(200) NOT NULL,
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CHECK (end_date >= start_date)
);
CREATE INDEX unavailable_unit_unit ON rentals.unavailable_unit (unit_id, start_date);

CREATE TABLE rentals.parking (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  building_code varchar(10) COLLATE "C" NOT NULL,
  parking_code varchar(10) COLLATE "C" NOT NULL,
  building_id integer NOT NULL REFERENCES rentals.building,
  parking_type varchar(1) COLLATE "C" CHECK (parking_type IN ('I', 'O')),
  amount numeric(12,2),
  charging_station boolean NOT NULL DEFAULT false,
  active boolean NOT NULL DEFAULT true,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX parking_code ON rentals.parking
  (company_no, division_no, rtrim(building_code), rtrim(parking_code));
CREATE INDEX parking_building ON rentals.parking (building_id, id);

CREATE TABLE rentals.storage (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  building_code varchar(10) COLLATE "C" NOT NULL,
  storage_code varchar(10) COLLATE "C" NOT NULL,
  building_id integer NOT NULL REFERENCES rentals.building,
  area numeric(9,2) CHECK (area >= 0),
  amount numeric(12,2),
  active boolean NOT NULL DEFAULT true,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX storage_code ON rentals.storage
  (company_no, division_no, rtrim(building_code), rtrim(storage_code));
CREATE INDEX storage_building ON rentals.storage (building_id, id);

-- Rentals: who rents what. occupied_until: the last day on which the tenant keeps the unit, parking
-- or storage; tenant_departure: DepartureDate of the tenant. int4range holds an id, as gist needs no
-- extension for ranges.
CREATE TABLE rentals.tenant (
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  tenant_type varchar(1) COLLATE "C" NOT NULL CHECK (tenant_type IN ('D', 'C', 'P', 'S')),
  tenant_no numeric(9,1) NOT NULL,
  building_code varchar(10) COLLATE "C",
  unit_code varchar(10) COLLATE "C",
  last_name varchar(80) NOT NULL,
  first_name varchar(80),
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  unit_id integer REFERENCES rentals.unit,
  email varchar(120),
  phone varchar(30),
  mobile_phone varchar(30),
  language varchar(2) COLLATE "C" CHECK (language IN ('fr', 'en')),
  birth_date date,
  lease_start_date date NOT NULL,
  lease_end_date date NOT NULL,
  lease_renewable boolean NOT NULL DEFAULT true,
  signed_date date,
  rent numeric(12,2) NOT NULL CHECK (rent >= 0),
  current_rent numeric(12,2) NOT NULL DEFAULT 0 CHECK (current_rent >= 0),
  departure_date date,
  balance numeric(12,2) NOT NULL DEFAULT 0,
  active boolean NOT NULL DEFAULT true,
  occupied_until date NOT NULL GENERATED ALWAYS AS (
    coalesce(departure_date, CASE WHEN lease_renewable THEN 'infinity' ELSE lease_end_date END)
  ) STORED,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  last_name_key text COLLATE "C" GENERATED ALWAYS AS (fold(last_name)) STORED,
  first_name_key text COLLATE "C" GENERATED ALWAYS AS (fold(first_name)) STORED,
  FOREIGN KEY (company_no, division_no)
    REFERENCES rentals.ledger_division (company_no, division_no),
  CHECK (lease_end_date >= lease_start_date),
  CHECK (departure_date >= lease_start_date),
  CHECK (unit_id IS NOT NULL OR tenant_type IN ('P', 'S')),
  CONSTRAINT tenant_unit_once EXCLUDE USING gist (int4range(unit_id, unit_id, '[]') WITH &&,
    daterange(lease_start_date, occupied_until, '[]') WITH &&)
    WHERE (unit_id IS NOT NULL)
);
CREATE UNIQUE INDEX tenant_no ON rentals.tenant (company_no, division_no, tenant_no);
CREATE INDEX tenant_unit ON rentals.tenant
  (unit_id, lease_start_date, occupied_until)
  WHERE unit_id IS NOT NULL;
CREATE INDEX tenant_place ON rentals.tenant
  (company_no, division_no, rtrim(building_code), rtrim(unit_code));
CREATE INDEX tenant_name ON rentals.tenant (last_name_key, first_name_key, id);
CREATE INDEX tenant_email ON rentals.tenant (email);

CREATE TABLE rentals.lease_price_change (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  tenant_id integer NOT NULL REFERENCES rentals.tenant,
  effective_date date NOT NULL,
  rent numeric(12,2) NOT NULL CHECK (rent >= 0),
  comment varchar(500),
  applied_at timestamp(3) with time zone,
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX lease_price_change_date ON rentals.lease_price_change
  (tenant_id, effective_date);

CREATE TABLE rentals.tenant_parking (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  tenant_id integer NOT NULL REFERENCES rentals.tenant,
  parking_id integer NOT NULL REFERENCES rentals.parking,
  start_date date NOT NULL,
  end_date date NOT NULL,
  renewable boolean NOT NULL DEFAULT false,
  amount numeric(12,2) NOT NULL,
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  tenant_departure date,
  occupied_until date NOT NULL GENERATED ALWAYS AS (
    least(tenant_departure, CASE WHEN renewable THEN 'infinity' ELSE end_date END)
  ) STORED,
  CHECK (end_date >= start_date),
  CONSTRAINT tenant_parking_once EXCLUDE USING gist
    (int4range(parking_id, parking_id, '[]') WITH &&,
    daterange(start_date, occupied_until, '[]') WITH &&)
    WHERE (occupied_until >= start_date)
);
CREATE INDEX tenant_parking_tenant ON rentals.tenant_parking (tenant_id, id);
CREATE INDEX tenant_parking_parking ON rentals.tenant_parking (parking_id, id);

CREATE TABLE rentals.tenant_storage (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  tenant_id integer NOT NULL REFERENCES rentals.tenant,
  storage_id integer NOT NULL REFERENCES rentals.storage,
  start_date date NOT NULL,
  end_date date NOT NULL,
  renewable boolean NOT NULL DEFAULT false,
  amount numeric(12,2) NOT NULL,
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  tenant_departure date,
  occupied_until date NOT NULL GENERATED ALWAYS AS (
    least(tenant_departure, CASE WHEN renewable THEN 'infinity' ELSE end_date END)
  ) STORED,
  CHECK (end_date >= start_date),
  CONSTRAINT tenant_storage_once EXCLUDE USING gist
    (int4range(storage_id, storage_id, '[]') WITH &&,
    daterange(start_date, occupied_until, '[]') WITH &&)
    WHERE (occupied_until >= start_date)
);
CREATE INDEX tenant_storage_tenant ON rentals.tenant_storage (tenant_id, id);
CREATE INDEX tenant_storage_storage ON rentals.tenant_storage (storage_id, id);

-- Rentals: what is billed and paid.
CREATE TABLE rentals.service (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  service_code varchar(10) COLLATE "C" NOT NULL,
  name varchar(80) NOT NULL,
  default_amount numeric(12,2),
  taxable boolean NOT NULL DEFAULT false,
  active boolean NOT NULL DEFAULT true,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  name_key text COLLATE "C" GENERATED ALWAYS AS (fold(name)) STORED
);
CREATE UNIQUE INDEX service_code ON rentals.service (rtrim(service_code));

CREATE TABLE rentals.tenant_service (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  tenant_id integer NOT NULL REFERENCES rentals.tenant,
  service_id integer NOT NULL REFERENCES rentals.service,
  amount numeric(12,2) NOT NULL,
  start_date date NOT NULL,
  end_date date,
  comment varchar(500),
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  CHECK (end_date >= start_date)
);
CREATE INDEX tenant_service_tenant ON rentals.tenant_service (tenant_id, id);
CREATE INDEX tenant_service_service ON rentals.tenant_service (service_id, id);

CREATE TABLE rentals.transaction (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  tenant_id integer NOT NULL REFERENCES rentals.tenant,
  transaction_date date NOT NULL,
  kind varchar(1) COLLATE "C" NOT NULL CHECK (kind IN ('R', 'S', 'K', 'G', 'P', 'A')),
  amount numeric(12,2) NOT NULL,
  description varchar(200),
  period varchar(7),
  balance_after numeric(12,2) NOT NULL DEFAULT 0,
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  source_id integer
);
CREATE INDEX transaction_tenant ON rentals.transaction (tenant_id, transaction_date, id);
-- The same is never charged twice for a month, whoever runs the billing at the same time. source_id:
-- what the billing run charged for: the id of the tenant (rent), of its TenantService, TenantParking
-- or TenantStorage. Null for what clients added and for charges that came from elsewhere.
CREATE UNIQUE INDEX transaction_billed_once ON rentals.transaction
  (tenant_id, period, kind, source_id) WHERE source_id IS NOT NULL;

CREATE TABLE rentals.financial_statement (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  period varchar(7) NOT NULL,
  account_no varchar(20) COLLATE "C" NOT NULL,
  account_name varchar(80) NOT NULL,
  debit numeric(12,2) NOT NULL,
  credit numeric(12,2) NOT NULL,
  balance numeric(12,2) NOT NULL GENERATED ALWAYS AS (debit - credit) STORED,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  account_name_key text COLLATE "C" GENERATED ALWAYS AS (fold(account_name)) STORED,
  FOREIGN KEY (company_no, division_no)
    REFERENCES rentals.ledger_division (company_no, division_no)
);
CREATE UNIQUE INDEX financial_statement_line ON rentals.financial_statement
  (company_no, division_no, period, rtrim(account_no));

-- Rentals: what is bought.
CREATE TABLE rentals.supplier (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  supplier_code varchar(10) COLLATE "C" NOT NULL,
  name varchar(80) NOT NULL,
  contact_name varchar(80),
  civic_no_and_street varchar(100),
  city varchar(60),
  province varchar(60),
  postal_code varchar(10),
  phone varchar(30),
  email varchar(120),
  trade varchar(60),
  payment_terms_days integer NOT NULL DEFAULT 30 CHECK (payment_terms_days >= 0),
  active boolean NOT NULL DEFAULT true,
  provider_contact_uid uuid,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  name_key text COLLATE "C" GENERATED ALWAYS AS (fold(name)) STORED,
  contact_name_key text COLLATE "C" GENERATED ALWAYS AS (fold(contact_name)) STORED,
  city_key text COLLATE "C" GENERATED ALWAYS AS (fold(city)) STORED,
  trade_key text COLLATE "C" GENERATED ALWAYS AS (fold(trade)) STORED
);
CREATE UNIQUE INDEX supplier_code ON rentals.supplier (rtrim(supplier_code));
CREATE INDEX supplier_provider_contact ON rentals.supplier
  (provider_contact_uid)
  WHERE provider_contact_uid IS NOT NULL;

CREATE TABLE rentals.invoice (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  supplier_id integer NOT NULL REFERENCES rentals.supplier,
  invoice_no varchar(30) COLLATE "C" NOT NULL,
  invoice_date date NOT NULL,
  due_date date,
  description varchar(500),
  subtotal numeric(12,2) NOT NULL DEFAULT 0,
  tax_amount numeric(12,2) NOT NULL DEFAULT 0,
  total numeric(12,2) NOT NULL GENERATED ALWAYS AS (subtotal + tax_amount) STORED,
  currency varchar(3) NOT NULL,
  status varchar(1) COLLATE "C" NOT NULL DEFAULT 'P' CHECK (status IN ('P', 'A', 'D')),
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  FOREIGN KEY (company_no, division_no)
    REFERENCES rentals.ledger_division (company_no, division_no)
);
CREATE UNIQUE INDEX invoice_no ON rentals.invoice (supplier_id, rtrim(invoice_no));
CREATE INDEX invoice_date ON rentals.invoice (company_no, division_no, invoice_date);

CREATE TABLE rentals.invoice_detail (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  invoice_id integer NOT NULL REFERENCES rentals.invoice,
  line_no integer NOT NULL,
  account_no varchar(20) COLLATE "C" NOT NULL,
  building_code varchar(10) COLLATE "C",
  description varchar(500),
  quantity numeric(12,3) NOT NULL DEFAULT 1,
  unit_price numeric(12,2) NOT NULL,
  amount numeric(12,2) NOT NULL GENERATED ALWAYS AS (round(quantity * unit_price, 2)) STORED,
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX invoice_detail_line ON rentals.invoice_detail (invoice_id, line_no);

-- Rentals: what is to be repaired.
CREATE TABLE rentals.service_call (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  call_no integer NOT NULL,
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  building_code varchar(10) COLLATE "C" NOT NULL,
  building_id integer NOT NULL REFERENCES rentals.building,
  unit_id integer REFERENCES rentals.unit,
  tenant_id integer REFERENCES rentals.tenant,
  supplier_id integer REFERENCES rentals.supplier,
  priority integer NOT NULL DEFAULT 3 CHECK (priority BETWEEN 1 AND 4),
  status varchar(1) COLLATE "C" NOT NULL DEFAULT 'O' CHECK (status IN ('O', 'A', 'P', 'D', 'X')),
  subject varchar(120) NOT NULL,
  description varchar(2000),
  reported_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  scheduled_date date,
  closed_at timestamp(3) with time zone,
  ticket_uid uuid,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  subject_key text COLLATE "C" GENERATED ALWAYS AS (fold(subject)) STORED,
  FOREIGN KEY (company_no, division_no)
    REFERENCES rentals.ledger_division (company_no, division_no)
);
CREATE UNIQUE INDEX service_call_no ON rentals.service_call (company_no, division_no, call_no);
CREATE INDEX service_call_building ON rentals.service_call (building_id, id);
CREATE INDEX service_call_unit ON rentals.service_call (unit_id, id) WHERE unit_id IS NOT NULL;
CREATE INDEX service_call_tenant ON rentals.service_call (tenant_id, id)
  WHERE tenant_id IS NOT NULL;
CREATE INDEX service_call_supplier ON rentals.service_call
  (supplier_id, id) WHERE supplier_id IS NOT NULL;
CREATE INDEX service_call_ticket ON rentals.service_call (ticket_uid)
  WHERE ticket_uid IS NOT NULL;

CREATE TABLE rentals.service_call_detail (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  service_call_id integer NOT NULL REFERENCES rentals.service_call,
  line_no integer NOT NULL,
  work_date date,
  description varchar(500) NOT NULL,
  hours numeric(7,2) CHECK (hours >= 0),
  amount numeric(12,2),
  done boolean NOT NULL DEFAULT false,
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX service_call_detail_line ON rentals.service_call_detail
  (service_call_id, line_no);

-- Rentals: papers.
CREATE TABLE rentals.document (
  id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  tenant_id integer NOT NULL REFERENCES rentals.tenant,
  kind varchar(1) COLLATE "C" NOT NULL CHECK (kind IN ('L', 'R', 'A', 'I')),
  title varchar(120) NOT NULL,
  created_on timestamp(3) with time zone NOT NULL DEFAULT now(),
  content_type varchar(100) NOT NULL DEFAULT 'application/pdf',
  size bigint NOT NULL GENERATED ALWAYS AS (octet_length(content)) STORED,
  company_no integer NOT NULL,
  division_no integer NOT NULL,
  content bytea NOT NULL,
  version integer NOT NULL DEFAULT 1,
  modified_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  title_key text COLLATE "C" GENERATED ALWAYS AS (fold(title)) STORED
);
CREATE INDEX document_tenant ON rentals.document (tenant_id, id);

-- The incident side as entities of the same query language (incidents/odata.py): views, so that
-- what they stand on may change.
CREATE SCHEMA odata;

CREATE VIEW odata.client_company AS
SELECT uid, company_type, name, fold(name) COLLATE "C" AS name_key, siret_number, billing_type,
  call_center AS call_center_uid, holding AS holding_uid, active
FROM company;

CREATE VIEW odata.agency AS
SELECT uid, company AS company_uid, name, fold(name) COLLATE "C" AS name_key,
  document::json ->> 'ref' AS ref,
  document::json #>> '{address,street}' AS street,
  document::json #>> '{address,zipCode}' AS zip_code,
  document::json #>> '{address,city}' AS city,
  document::json #>> '{phones,0}' AS phone,
  document::json #>> '{emails,0}' AS email,
  active
FROM agency;

CREATE VIEW odata.patrimony AS
SELECT uid, company AS company_uid, ref, label, fold(label) COLLATE "C" AS label_key
FROM patrimony;

CREATE VIEW odata.lot AS
SELECT uid, company AS company_uid, patrimony AS patrimony_uid, ref, lot_number, usage,
  addresses::json #>> '{0,street}' AS street,
  addresses::json #>> '{0,zipCode}' AS zip_code,
  addresses::json #>> '{0,city}' AS city
FROM lot;

CREATE VIEW odata.provider_contact AS
SELECT p.uid, p.company AS company_uid, p.name, fold(p.name) COLLATE "C" AS name_key,
  p.provider_company AS provider_company_uid, c.name AS provider_company_name,
  c.siret_number, p.phones[1] AS phone, p.fax[1] AS fax, p.emails[1] AS email, p.active
FROM provider_contact p LEFT JOIN provider_company c ON c.uid = p.provider_company;

CREATE VIEW odata.patrimony_contact AS
SELECT uid, company AS company_uid, patrimonies[1] AS patrimony_uid, account AS user_uid, name,
  fold(name) COLLATE "C" AS name_key
FROM patrimony_contact;

CREATE VIEW odata.ticket AS
SELECT t.uid, t.number, ('{' || d.listed || '}')::json ->> 'ref' AS ref,
  CASE WHEN t.closed THEN 'CLOSED' ELSE 'OPENED' END AS status,
  ('{' || d.listed || '}')::json #>> '{state,value}' AS state,
  t.opened,
  (('{' || d.listed || '}')::json ->> 'updated')::timestamptz(3) AS updated,
  (('{' || d.listed || '}')::json ->> 'closed')::timestamptz(3) AS closed,
  t.purpose, t.purpose_key, t.zip_code,
  t.city, t.city_key,
  ('{' || d.listed || '}')::json #>> '{caller,name}' AS caller_name,
  ('{' || d.listed || '}')::json #>> '{provider,name}' AS provider_name,
  t.intervention, t.call_center AS call_center_uid, t.company AS company_uid,
  t.holding AS holding_uid, t.patrimony AS patrimony_uid, t.provider AS provider_uid
FROM ticket t LEFT JOIN ticket_document d ON d.number = t.number;

CREATE VIEW odata.ticket_event AS
SELECT position, stream AS ticket_uid, version, event_type, process_uid, sent_date,
  actor AS user_uid, caused_by
FROM event WHERE category = 'ticket';

CREATE VIEW odata.webhook_delivery AS
SELECT id, owner, endpoint AS endpoint_uid, url, at, attempt, outcome, status AS http_status,
  failure, detail, duration_ms::numeric(12,3)::double precision AS duration_ms, position,
  category AS entity, ('x' || right(stream::text, 12))::bit(48)::bigint::integer AS entity_id,
  event_type, message_id, request, answer
FROM delivery WHERE flavour = 'rentals';

-- Partners: who resells the service, who buys it through them. mail_senders: addresses from which
-- offers and terminations may be asked for.
CREATE TABLE partner (
  code text PRIMARY KEY CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$'),
  name text NOT NULL,
  mail_senders text[] NOT NULL DEFAULT '{}',
  disabled boolean NOT NULL DEFAULT false,
  created timestamp with time zone NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX partner_code ON partner (lower(code));

-- ending: its last characters, by which people know it; expires: from then on it is refused.
CREATE TABLE partner_token (
  hash bytea PRIMARY KEY,
  partner text NOT NULL REFERENCES partner,
  ending text NOT NULL,
  created timestamp with time zone NOT NULL DEFAULT now(),
  expires timestamp with time zone NOT NULL DEFAULT 'infinity'
);
CREATE INDEX partner_token_partner ON partner_token (partner);

-- The brands of a partner from which calls come.
CREATE TABLE partner_source (
  partner text NOT NULL REFERENCES partner,
  name text NOT NULL,
  active boolean NOT NULL DEFAULT true,
  PRIMARY KEY (partner, name)
);
CREATE UNIQUE INDEX partner_source_name ON partner_source (partner, fold(name));

-- Prices are of a month, without tax; options_price is of all its options together; vat_rate in
-- percent, null: that of the customer's country. by_default: the campaign of calls that name none.
CREATE TABLE partner_campaign (
  partner text NOT NULL REFERENCES partner,
  code text NOT NULL,
  label text NOT NULL,
  free_months smallint NOT NULL DEFAULT 0 CHECK (free_months BETWEEN 0 AND 120),
  unit_price numeric(12,2) NOT NULL CHECK (unit_price >= 0),
  options_price numeric(12,2) NOT NULL DEFAULT 0 CHECK (options_price >= 0),
  nb_of_options smallint NOT NULL DEFAULT 0 CHECK (nb_of_options BETWEEN 0 AND 1000),
  vat_rate numeric(5,2) CHECK (vat_rate BETWEEN 0 AND 100),
  redirect_template text,
  by_default boolean NOT NULL DEFAULT false,
  active boolean NOT NULL DEFAULT true,
  PRIMARY KEY (partner, code)
);
CREATE UNIQUE INDEX partner_campaign_default ON partner_campaign (partner)
  WHERE by_default AND active;

-- What kinds of customers the programme has.
CREATE TABLE partner_typology (
  code integer PRIMARY KEY CHECK (code >= 0),
  label text NOT NULL,
  active boolean NOT NULL DEFAULT true
);

-- Leads and customers as their streams (category partner_customer) say; uid is the stream's.
-- free_months to vat_rate: as the campaign had them when the service was activated;
-- billing_starting_date: when the free months are over, offered or not; paid_months and
-- offered_months: whole months from then on, as first days, those to come too;
-- due: the day on which something changes by itself.
CREATE TABLE partner_customer (
  uid uuid PRIMARY KEY,
  partner text NOT NULL,
  client_id text COLLATE "C" NOT NULL,
  status text NOT NULL
    CHECK (status IN ('lead', 'activated', 'billed', 'offered', 'terminated')),
  source text,
  campaign_code text,
  lastname text NOT NULL,
  firstname text,
  client_title text,
  company_name text,
  siret text,
  email text NOT NULL,
  phone_number1 text NOT NULL,
  phone_number2 text,
  address1 text,
  address2 text,
  zipcode text,
  city text,
  country text,
  typology integer,
  other_info text,
  lead_creation_date date,
  service_starting_date date,
  billing_starting_date date,
  end_of_contract_date date,
  unsubscription_reason text,
  free_months smallint NOT NULL,
  unit_price numeric(12,2) NOT NULL,
  options_price numeric(12,2) NOT NULL,
  nb_of_options smallint NOT NULL,
  vat_rate numeric(5,2),
  paid_months datemultirange NOT NULL,
  offered_months datemultirange NOT NULL,
  due date,
  changed timestamp(3) with time zone NOT NULL
);
CREATE UNIQUE INDEX partner_customer_client ON partner_customer (partner, client_id);
CREATE INDEX partner_customer_status ON partner_customer (partner, status, client_id);
CREATE INDEX partner_customer_due ON partner_customer (due) WHERE due IS NOT NULL;

-- How many of the months have begun on a day.
CREATE FUNCTION months_begun(months datemultirange, day date) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
  SELECT coalesce(sum(
    12 * extract(year FROM age(upper(m), lower(m))) + extract(month FROM age(upper(m), lower(m)))
  ), 0)::integer
  FROM unnest(months * datemultirange(daterange(
    NULL, (date_trunc('month', day::timestamp) + interval '1 month')::date
  ))) m
);

-- Partners: billing files, and what partners say became of the bills. `line` is the very line of
-- the file, so the file can be had again, byte for byte, whatever changes afterwards.
-- position: the last event of the log when the file was computed.
CREATE TABLE partner_billing_file (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  partner text NOT NULL,
  period text NOT NULL,
  name text NOT NULL,
  sha256 text NOT NULL,
  size bigint NOT NULL,
  lines integer NOT NULL,
  amount_excl_tax numeric(14,2) NOT NULL,
  amount_incl_tax numeric(14,2) NOT NULL,
  position bigint NOT NULL,
  created timestamp with time zone NOT NULL DEFAULT now(),
  delivered timestamp with time zone
);
CREATE UNIQUE INDEX partner_billing_file_period ON partner_billing_file (partner, period);
CREATE TABLE partner_billing_line (
  file bigint NOT NULL REFERENCES partner_billing_file ON DELETE CASCADE,
  nth integer NOT NULL,
  client_id text NOT NULL,
  amount_excl_tax numeric(12,2) NOT NULL,
  amount_incl_tax numeric(12,2) NOT NULL,
  status text NOT NULL,
  line text NOT NULL,
  PRIMARY KEY (file, nth)
);
CREATE UNIQUE INDEX partner_billing_line_client ON partner_billing_line (file, client_id);
CREATE TABLE partner_return_file (
  partner text NOT NULL,
  sha256 text NOT NULL,
  name text NOT NULL,
  taken integer NOT NULL,
  rejected integer NOT NULL,
  at timestamp with time zone NOT NULL DEFAULT now(),
  PRIMARY KEY (partner, sha256, name)
);
CREATE TABLE partner_payment (
  partner text NOT NULL,
  client_id text NOT NULL,
  period text NOT NULL,
  status text NOT NULL CHECK (status IN ('paid', 'unpaid')),
  reason text NOT NULL,
  PRIMARY KEY (partner, client_id, period)
);

-- Partners: who may log in to the folders, and where files are pushed. `document` has secrets.
CREATE TABLE partner_file_access (
  partner text PRIMARY KEY,
  login text NOT NULL,
  password_hash text,
  public_keys text[] NOT NULL DEFAULT '{}'
);
CREATE UNIQUE INDEX partner_file_access_login ON partner_file_access (login);
CREATE TABLE partner_push_target (
  partner text PRIMARY KEY,
  document text NOT NULL
);
CREATE TABLE partner_push (
  file bigint PRIMARY KEY REFERENCES partner_billing_file ON DELETE CASCADE,
  failures integer NOT NULL DEFAULT 0,
  due timestamp with time zone DEFAULT now(),
  done timestamp with time zone,
  error text
);
CREATE INDEX partner_push_due ON partner_push (due) WHERE due IS NOT NULL;

-- Partners: what is proposed and waits for an operator. `source`: 'billing' or 'mail'.
CREATE TABLE partner_proposal (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  partner text NOT NULL,
  client_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('offer', 'terminate')),
  source text NOT NULL,
  reason text NOT NULL,
  details json NOT NULL DEFAULT '{}',
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'rejected')),
  created timestamp with time zone NOT NULL DEFAULT now(),
  decided timestamp with time zone,
  decided_by text
);
CREATE INDEX partner_proposal_client ON partner_proposal (partner, client_id);
CREATE UNIQUE INDEX partner_proposal_unpaid ON partner_proposal (partner, client_id)
  WHERE state = 'open' AND source = 'billing';

-- Messages of partners that were taken, each once. identifier: its Message-ID; authenticity: what
-- vouches for its sender.
CREATE TABLE partner_mail (
  partner text NOT NULL,
  identifier text NOT NULL,
  proposal bigint REFERENCES partner_proposal,
  sender text NOT NULL,
  subject text NOT NULL,
  text text NOT NULL,
  authenticity text NOT NULL,
  received timestamp with time zone NOT NULL DEFAULT now(),
  PRIMARY KEY (partner, identifier)
);
CREATE INDEX partner_mail_proposal ON partner_mail (proposal);

CREATE VIEW odata.partner_customer AS
SELECT c.uid, c.partner AS partner_code, c.client_id, c.status, c.source, c.campaign_code,
  c.lastname, fold(c.lastname) COLLATE "C" AS lastname_key, c.firstname, c.client_title,
  c.company_name, fold(c.company_name) COLLATE "C" AS company_name_key, c.siret, c.email,
  c.phone_number1, c.phone_number2, c.address1, c.address2, c.zipcode, c.city,
  fold(c.city) COLLATE "C" AS city_key, c.country, c.typology, c.other_info,
  c.lead_creation_date, c.service_starting_date, c.billing_starting_date,
  c.end_of_contract_date, c.unsubscription_reason,
  months_begun(c.paid_months, d.day) AS nb_of_paid_months,
  months_begun(c.offered_months, d.day) AS nb_of_offered_months,
  c.nb_of_options, c.unit_price, c.options_price, c.vat_rate, c.changed
FROM partner_customer c CROSS JOIN
  (SELECT coalesce(max(day), current_date) AS day FROM scheduled_job WHERE name = 'partners') d;
