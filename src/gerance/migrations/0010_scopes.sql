-- scope: members that an event's data have to have; null: whatever they are.
ALTER TABLE subscription ADD scope jsonb;

UPDATE subscription s SET scope = jsonb_build_object('partnerCode', e.owner)
FROM endpoint e
WHERE e.uid = s.endpoint AND e.flavour = 'partners';

-- bytes: how large its event is.
ALTER TABLE outbox ADD bytes integer NOT NULL DEFAULT 0;

UPDATE outbox o SET bytes = octet_length(e.data::text)
FROM event e
WHERE e.position = o.position;
