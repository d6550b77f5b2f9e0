"""The follower that passes each event of the log to its reactions, in order, once.

One process at a time runs it. Its cursor moves after the reactions. If it stops in between, it
reads some events again, and their reactions have nothing to do. A rejection is recorded, and the
follower continues.
"""

import time

import structlog

from gerance.kernel.db import Connection
from gerance.kernel.errors import CommandAlreadySent, Rejection
from gerance.kernel.locks import REACTIONS_LOCK, try_hold
from gerance.kernel.log.eventlog import LoggedEvent, read_after
from gerance.kernel.log.follower import has_news, move_cursor, read_cursor
from gerance.kernel.metrics import count_reaction
from gerance.kernel.transactions import PASSING
from gerance.reactions.context import Means
from gerance.reactions.filter import of_interest
from gerance.reactions.registry import REACTIONS, Reaction
from gerance.reactions.ticket_commands import Unneeded, process_uid

log = structlog.get_logger("gerance.reactions")

NAME = "reactions"
TOGETHER = 500
TOGETHER_BYTES = 4_000_000
MOST_SECONDS = 5.0
MOST_TRIES = 5


class Follower:
    """Follows the log. Call `catch_up` repeatedly."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._failures: tuple[int, int] = (0, 0)

    async def catch_up(self) -> int:
        """React to the next events, unless another process does; the number of events processed.

        Raises what a connection raises when the database is not available: call it again then.
        """
        async with self._means.pool.connection() as connection:
            if not await has_news(connection, NAME):
                return 0
            async with connection.transaction():
                # No row is locked and nothing written before the end: until then this transaction
                # has no id for which readers of the log would wait.
                if not await try_hold(connection, REACTIONS_LOCK):
                    return 0
                count, failure = await self._react(connection)
        if failure is not None:
            raise failure
        return count

    async def _react(self, connection: Connection) -> tuple[int, Exception | None]:
        """The number of events processed, and the failure that stopped the batch, if any."""
        cursor = await read_cursor(connection, NAME)
        events = await read_after(connection, cursor, limit=TOGETHER, most_bytes=TOGETHER_BYTES)
        cursors = {event.cursor for event in await of_interest(connection, events)}
        until = time.monotonic() + MOST_SECONDS
        count, failure = 0, None
        for event in events:
            if event.cursor in cursors:
                if time.monotonic() > until:
                    break
                try:
                    await self._react_to(event)
                except (*PASSING, Rejection) as passing:
                    failure = passing
                    break
            count += 1
        if count:
            await move_cursor(connection, NAME, events[count - 1].cursor)
        return count, failure

    async def _react_to(self, event: LoggedEvent) -> None:
        """Run the reactions to the event. Raises transient failures."""
        position = event.cursor.position
        for reaction in REACTIONS[event.category, event.event_type]:
            try:
                await reaction.react(self._means, event, process_uid(reaction.name, position))
            except (Unneeded, CommandAlreadySent):
                continue
            except PASSING as failure:
                await self._try_later(reaction, event, failure)
            except Rejection as rejection:
                if rejection.status >= 500:
                    await self._try_later(reaction, event, rejection)
                else:
                    await self._give_up(reaction, event, rejection.code, rejection.message)
            except Exception as failure:
                log.exception("reaction failed", reaction=reaction.name, position=position)
                await self._give_up(reaction, event, type(failure).__name__, str(failure))
            else:
                count_reaction(reaction.name, "done")
                log.info("reacted", reaction=reaction.name, to=event.event_type, position=position)

    async def _try_later(self, reaction: Reaction, event: LoggedEvent, failure: Exception) -> None:
        """Raise the failure; after `MOST_TRIES` record it instead and continue."""
        position = event.cursor.position
        before, tries = self._failures
        self._failures = (position, tries + 1 if before == position else 1)
        if self._failures[1] < MOST_TRIES:
            raise failure
        await self._give_up(reaction, event, type(failure).__name__, str(failure))

    async def _give_up(
        self, reaction: Reaction, event: LoggedEvent, code: str, message: str
    ) -> None:
        """Record a failed reaction."""
        position = event.cursor.position
        async with self._means.pool.connection() as connection:
            await connection.execute(
                "INSERT INTO reaction_failure (position, reaction, code, message)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [position, reaction.name, code, message],
            )
        count_reaction(reaction.name, code)
        log.warning(
            "reaction not possible", reaction=reaction.name, position=position, reason=message
        )
