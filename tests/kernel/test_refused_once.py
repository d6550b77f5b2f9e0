"""A command that was refused stays refused, whatever becomes of those that waited beside it."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from psycopg.errors import NotNullViolation

from gerance.kernel.db import open_pool
from gerance.kernel.errors import Rejection
from gerance.kernel.log.eventlog import NewEvent
from gerance.kernel.log.writer import (
    AggregateRow,
    Change,
    Projection,
    WriteRequest,
    WriteResult,
    open_writer,
)


def intent(decide: object) -> WriteRequest:
    return WriteRequest(
        category="test",
        stream=str(uuid4()),
        process_uid=str(uuid4()),
        actor=None,
        decide=decide,  # type: ignore[arg-type]
    )


def happened(*projections: Projection) -> Change:
    return Change([NewEvent("Happened", b"{}", datetime.now(UTC))], b"{}", projections)


def test_a_refusal_is_not_taken_back_when_a_neighbour_cannot_be_written(database: str) -> None:
    asked: list[AggregateRow] = []

    def refuse_once(loaded: AggregateRow) -> Change:
        asked.append(loaded)
        if len(asked) == 1:
            raise Rejection("BadRequest", "Not now.")
        return happened()

    def unwritable(loaded: AggregateRow) -> Change:
        sql = "INSERT INTO operator (uid) SELECT r.uid FROM {rows} r"
        return happened(Projection(sql, (("uid", "uuid"),), [{"uid": str(uuid4())}]))

    def accept(loaded: AggregateRow) -> Change:
        return happened()

    async def together() -> list[WriteResult | BaseException]:
        async with (
            open_pool(database, size=4, statement_timeout_ms=5000) as pool,
            open_writer(pool) as writer,
        ):
            intents = [intent(refuse_once), intent(unwritable), intent(accept)]
            return await asyncio.gather(
                *(writer.execute(each) for each in intents), return_exceptions=True
            )

    refused, failed, done = asyncio.run(together())
    assert isinstance(refused, Rejection)
    assert isinstance(failed, NotNullViolation)
    assert isinstance(done, WriteResult)
    assert done.position is not None
    assert len(asked) == 1
