"""Streams of entities in the log: the category is the name of the entity's type, the uid is
`00000000-0000-8000-8000-` followed by the entity's number in hexadecimal."""

UID = "('00000000-0000-8000-8000-' || lpad(to_hex({}), 12, '0'))::uuid"
"""SQL: the uid of the stream of an entity with this number, to be filled in."""

NUMBER = "('x' || right({}::text, 12))::bit(48)::bigint"
"""SQL: the number of the entity whose stream has this uid, to be filled in."""
