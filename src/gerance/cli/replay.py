"""`replay`: telling an address again, whether it is named by its uid or by its partner."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from gerance.cli.connect import with_connection
from gerance.cli.output import say

if TYPE_CHECKING:
    from gerance.kernel.db import Connection

Position = Annotated[
    int | None,
    typer.Option(min=1, max=2**63 - 1, help="The event at this position of the log."),
]
Failed = Annotated[bool, typer.Option("--failed", help="All failed deliveries, also dead ones.")]
Since = Annotated[
    str | None,
    typer.Option(
        metavar="MOMENT",
        help="All that it wants and that happened since, e.g. 2026-11-22T08:00:00+01:00.",
    ),
]


def tell_again(
    home: str | None,
    address: "Callable[[Connection], Awaitable[str]]",
    position: int | None,
    failed: bool,
    since: str | None,
) -> None:
    """Say how many events the address with the uid that `address` finds will be told of again.

    `since`: a moment as the APIs take it. Raises Failure unless one of the three is given, for a
    moment that is none, and for a position of which it was never told.
    """
    from gerance.cli.failures import Failure
    from gerance.kernel.webhooks.replay import replay_failed, replay_one, replay_since
    from gerance.kernel.wire import DateTime

    if sum((position is not None, failed, since is not None)) != 1:
        raise Failure("say one of --position, --failed and --since")
    try:
        moment = None if since is None else DateTime.parse(since).moment
    except ValueError as none:
        raise Failure(f"--since: {none}") from none

    async def act(connection: "Connection") -> int:
        uid = await address(connection)
        if moment is not None:
            return await replay_since(connection, uid, moment)
        if position is None:
            return await replay_failed(connection, uid)
        if not await replay_one(connection, uid, position):
            raise Failure(f"this address was never told of an event {position}")
        return 1

    say(f"{with_connection(home, act)} to be told again.")
