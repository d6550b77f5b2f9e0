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

-- Integrators may read the sets of the partner side too.
ALTER TABLE integrator ADD COLUMN partners boolean NOT NULL DEFAULT false;

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
