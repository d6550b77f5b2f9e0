"""`gerance webhooks`: the webhook endpoints of all owners."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gerance.cli.command_group import CommandGroup
from gerance.cli.installation import with_connection
from gerance.cli.options import Home, Json, ListLimit, OutcomeFilter
from gerance.cli.output import say, say_list
from gerance.cli.replay import FailedOnly, Position, Since, replay_events

if TYPE_CHECKING:
    from gerance.kernel.db import Connection

app = CommandGroup("List, pause, resume and disable webhook endpoints; replay events.")

Uid = Annotated[str, typer.Argument(help="Uid of the endpoint.", show_default=False)]


@app.command("list")
def list_all(
    state: Annotated[
        str | None,
        typer.Option(help="Only this state: active, paused or off.", show_default="all"),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """List the endpoints with their owner, state and deliveries."""
    from gerance.kernel.webhooks.operator_queries import all_endpoints

    if state is not None:
        _require_one_of("--state", state, ("active", "paused", "off"))
    rows = with_connection(home, lambda connection: all_endpoints(connection, state))
    columns = {"owner": "Owner", "flavour": "API", "state": "State", "reason": "Reason"}
    columns |= {"failingSince": "Failing since", "waiting": "Pending", "failing": "Retrying"}
    columns |= {"dead": "Dead", "url": "URL", "uid": "Uid"}
    say_list(rows, columns, none="There are no endpoints yet.", as_json=as_json)


@app.command("pause")
def pause(uid: Uid, home: Home = None) -> None:
    """Pause an endpoint. Events stay pending until it is resumed."""
    _set_state(home, uid, "paused")
    say(f"{uid} is paused; events stay pending.")


@app.command("resume")
def resume(uid: Uid, home: Home = None) -> None:
    """Resume an endpoint that was paused or switched off."""
    _set_state(home, uid, "active")
    say(f"{uid} is active again.")


@app.command("off")
def off(uid: Uid, home: Home = None) -> None:
    """Disable an endpoint. It receives no events, and none are stored for it."""
    _set_state(home, uid, "off")
    say(f"{uid} is off; no events are stored for it.")


@app.command("replay")
def replay(
    uid: Uid,
    position: Position = None,
    failed: FailedOnly = False,
    since: Since = None,
    home: Home = None,
) -> None:
    """Replay events to an endpoint: one, all that failed, or all since a time."""
    from gerance.kernel.webhooks.operator_queries import require_endpoint

    replay_events(
        home, lambda connection: require_endpoint(connection, uid), position, failed, since
    )


@app.command("deliveries")
def deliveries(
    uid: Annotated[
        str | None,
        typer.Option(help="Only deliveries to this endpoint.", show_default="all"),
    ] = None,
    outcome: OutcomeFilter = None,
    limit: ListLimit = 50,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """List the latest deliveries and their outcomes."""
    from gerance.kernel.webhooks.operator_queries import latest_deliveries, require_endpoint

    if outcome is not None:
        _require_one_of("--outcome", outcome, ("delivered", "failed", "dead"))

    async def read(connection: "Connection") -> list[dict[str, Any]]:
        endpoint = None if uid is None else await require_endpoint(connection, uid)
        return await latest_deliveries(connection, endpoint, outcome, limit)

    rows = with_connection(home, read)
    columns = {"at": "At", "outcome": "Outcome", "status": "Status", "attempt": "Attempt"}
    columns |= {"durationMs": "ms", "eventType": "Event", "position": "Position"}
    columns |= {"url": "URL", "detail": "Detail", "endpoint": "Uid"}
    say_list(rows, columns, none="There are no deliveries yet.", as_json=as_json)


def _set_state(home: str | None, uid: str, state: str) -> None:
    from gerance.kernel.webhooks.operator_queries import bring_to_state

    with_connection(home, lambda connection: bring_to_state(connection, uid, state))


def _require_one_of(option: str, value: str, choices: tuple[str, ...]) -> None:
    from gerance.cli.failures import Failure

    if value not in choices:
        raise Failure(f"{option}: expected one of {', '.join(choices)}, got {value!r}")
