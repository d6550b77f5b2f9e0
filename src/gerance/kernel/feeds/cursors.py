"""A feed's cursor: how far its client has read, as a text that means nothing to it."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from gerance.kernel.db import Connection
from gerance.kernel.errors import BadRequest
from gerance.kernel.log.eventlog import STABLE, START, Cursor

FROM_START, FROM_END = "start", "end"
"""What a client says instead of a cursor: from the first event on, or from now on."""

_CURSOR = re.compile(r"(\d{1,18})\.(\d{1,18})", re.ASCII)


def cursor_text(cursor: Cursor) -> str:
    """The cursor as clients keep it: letters, digits, - and _."""
    text = f"{cursor.transaction_id}.{cursor.position}".encode()
    return urlsafe_b64encode(text).decode().rstrip("=")


async def cursor_from(connection: Connection, text: str, *, name: str) -> Cursor:
    """The cursor that a client sends back, or `start` or `end`, in the parameter `name`.

    Raises BadRequest (`UnknownCursor`) for one that this log never gave: made up, or of another
    database. To wait behind it would be to miss events without a word.
    """
    if text == FROM_START:
        return START
    if text == FROM_END:
        return await stable_end(connection)
    cursor = _parse(text)
    if cursor is None or not (cursor == START or await _is_there(connection, cursor)):
        raise BadRequest(
            f"{name}: {text[:60]!r} was not issued by this log (other values: {FROM_START},"
            f" {FROM_END}).",
            code="UnknownCursor",
        )
    return cursor


async def stable_end(connection: Connection) -> Cursor:
    """The last event behind which nothing appears any more but at the end of the log.

    EXPLAIN: from the end of the index `event_order`, past what is not settled.
    """
    rows = await connection.execute(
        f"SELECT transaction_id::text::bigint, position FROM event WHERE {STABLE}"
        " ORDER BY transaction_id DESC, position DESC LIMIT 1"
    )
    row = await rows.fetchone()
    return START if row is None else Cursor(*row)


def _parse(text: str) -> Cursor | None:
    try:
        decoded = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode("ascii")
    except ValueError:
        return None
    match = _CURSOR.fullmatch(decoded)
    return Cursor(int(match[1]), int(match[2])) if match else None


async def _is_there(connection: Connection, cursor: Cursor) -> bool:
    rows = await connection.execute(
        "SELECT FROM event WHERE position = %s AND transaction_id = %s::text::xid8",
        [cursor.position, str(cursor.transaction_id)],
    )
    return await rows.fetchone() is not None
