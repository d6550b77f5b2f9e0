"""The `replay` commands: send events to an endpoint again."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from gerance.cli.installation import with_connection
from gerance.cli.output import count_noun, say

if TYPE_CHECKING:
    from gerance.kernel.db import Connection

Position = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=2**63 - 1,
        help="Replay the event at this position of the log.",
        show_default=False,
    ),
]
FailedOnly = Annotated[
    bool, typer.Option("--failed", help="Replay all failed deliveries, including dead ones.")
]
Since = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Replay all matching events since this time, such as 2026-11-22T08:00:00+01:00.",
        show_default=False,
    ),
]


def replay_events(
    home: str | None,
    find_endpoint: "Callable[[Connection], Awaitable[str]]",
    position: int | None,
    failed: bool,
    since: str | None,
) -> None:
    """Replay events to the endpoint whose uid `find_endpoint` returns, and say how many.

    Raises Failure unless exactly one of the three options is used, when `since` is not a time, and
    when the endpoint never received the event at `position`.
    """
    from gerance.cli.failures import Failure
    from gerance.kernel.webhooks.replay import replay_failed, replay_one, replay_since
    from gerance.kernel.wire import DateTime

    if sum((position is not None, failed, since is not None)) != 1:
        raise Failure("--position, --failed and --since: choose one")
    try:
        moment = None if since is None else DateTime.parse(since).moment
    except ValueError as error:
        raise Failure(f"--since: {error}") from error

    async def execute(connection: "Connection") -> int:
        uid = await find_endpoint(connection)
        if moment is not None:
            return await replay_since(connection, uid, moment)
        if position is None:
            return await replay_failed(connection, uid)
        if not await replay_one(connection, uid, position):
            raise Failure(f"this endpoint never received event {position}")
        return 1

    say(f"Replaying {count_noun(with_connection(home, execute), 'event')}.")
