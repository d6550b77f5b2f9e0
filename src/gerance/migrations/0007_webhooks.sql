-- Who is told of what, by calls to their endpoints.
DROP TABLE outbox;
DROP TABLE subscription;

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

CREATE TABLE subscription (
  category text NOT NULL,
  endpoint uuid NOT NULL REFERENCES endpoint ON DELETE CASCADE,
  event_types text[],
  active boolean NOT NULL DEFAULT true,
  PRIMARY KEY (category, endpoint)
);
CREATE INDEX subscription_endpoint ON subscription (endpoint);

-- What is still to be told. Fresh rows are due at once; infinity: given up until somebody replays it.
-- failures: calls that failed; claims: how often a worker took it, so that a late one is known;
-- parked: behind another of its stream, and woken when that one is done with.
-- No foreign key: writers would lock the row of the endpoint, which workers change.
CREATE TABLE outbox (
  endpoint uuid NOT NULL,
  position bigint NOT NULL,
  stream uuid NOT NULL,
  due timestamp with time zone NOT NULL DEFAULT '-infinity',
  failures smallint NOT NULL DEFAULT 0,
  claims integer NOT NULL DEFAULT 0,
  parked boolean NOT NULL DEFAULT false,
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

-- The calls of the rental side as entities of its query language (rentals/notifications).
CREATE VIEW odata.webhook_delivery AS
SELECT id, owner, endpoint AS endpoint_uid, url, at, attempt, outcome, status AS http_status,
  failure, detail, duration_ms::numeric(12,3)::double precision AS duration_ms, position,
  category AS entity, ('x' || right(stream::text, 12))::bit(48)::bigint::integer AS entity_id,
  event_type, message_id, request, answer
FROM delivery WHERE flavour = 'rentals';
