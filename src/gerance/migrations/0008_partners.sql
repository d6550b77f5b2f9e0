-- Partners.

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
  created timestamp with time zone NOT NULL DEFAULT now()
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
  PRIMARY KEY (partner, sha256)
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
