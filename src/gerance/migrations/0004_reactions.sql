-- Which event caused an event: what a reaction did says why.
ALTER TABLE event ADD COLUMN caused_by bigint;
CREATE INDEX event_caused ON event (caused_by) WHERE caused_by IS NOT NULL;

CREATE OR REPLACE VIEW odata.ticket_event AS
SELECT position, stream AS ticket_uid, version, event_type, process_uid, sent_date,
  actor AS user_uid, caused_by
FROM event WHERE category = 'ticket';

-- Jobs that are done once a day, by whichever process comes first: up to which day they are.
CREATE TABLE scheduled_job (
  name text PRIMARY KEY,
  day date NOT NULL,
  finished timestamp with time zone NOT NULL DEFAULT now()
);

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

-- Nobody reacts to what happened before there were reactions.
INSERT INTO follower (name, transaction_id, position)
SELECT 'reactions', transaction_id, position FROM event
ORDER BY transaction_id DESC, position DESC LIMIT 1;
