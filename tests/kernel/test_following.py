"""A follower knows in one step whether there is anything new, however long the log is."""

import psycopg
from tests.living import on
from tests.waiting import until_async

from gerance.kernel.db import Connection
from gerance.kernel.log.eventlog import START, Cursor
from gerance.kernel.log.follower import _HAS_NEWS, has_news, move_cursor, read_cursor, skip_to_end

NAME = "somebody"
EVENTS = (
    "INSERT INTO event (category, stream, version, ordinal, event_type, process_uid, sent_date,"
    " data) SELECT 'test', gen_random_uuid(), 1, 0, 'Happened', gen_random_uuid(), now(), '{}'"
    " FROM generate_series(1, %s)"
)


def written(database: str, count: int) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(EVENTS, [count])
        connection.execute("ANALYZE event")


def test_a_follower_has_news_until_its_cursor_is_at_the_end(database: str) -> None:
    async def act(connection: Connection) -> None:
        assert not await has_news(connection, NAME)
        assert await read_cursor(connection, NAME) == START
        await connection.execute(EVENTS, [3])
        await until_async(lambda: has_news(connection, NAME))
        await skip_to_end(connection, NAME)
        end = await read_cursor(connection, NAME)
        assert end.position == 3
        assert not await has_news(connection, NAME)
        await move_cursor(connection, NAME, Cursor(end.transaction_id, 2))
        assert await has_news(connection, NAME)
        await skip_to_end(connection, NAME)

    on(database, act)


def test_that_there_is_nothing_is_found_without_reading_the_log(database: str) -> None:
    written(database, 5_000)
    with psycopg.connect(database, autocommit=True) as connection:
        on(database, lambda c: skip_to_end(c, NAME))
        plan = connection.execute("EXPLAIN " + _HAS_NEWS, {"name": NAME}).fetchall()
    lines = "\n".join(line for (line,) in plan)
    assert "event_order" in lines
    assert "Seq Scan on event" not in lines
