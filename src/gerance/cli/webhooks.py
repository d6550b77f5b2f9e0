"""`gerance webhooks`: the endpoints that receive webhooks, of all owners."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gerance.cli.connect import with_connection
from gerance.cli.output import Home, Json, say
from gerance.cli.replay import Failed, Position, Since, tell_again

if TYPE_CHECKING:
    from gerance.kernel.db import Connection

app = typer.Typer(
    help="List, pause, resume and switch off webhook endpoints; replay events to them.",
    no_args_is_help=True,
)

Uid = Annotated[str, typer.Argument(help="The uid of the endpoint.", show_default=False)]


@app.command("list")
def list_all(
    state: Annotated[
        str | None,
        typer.Option(help="Only those that are active, paused or off.", show_default="all of them"),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """List the endpoints with their owners, their state and their deliveries."""
    from gerance.cli.output import say_json, say_rows
    from gerance.kernel.webhooks.operator_queries import all_endpoints

    if state is not None:
        _one_of("--state", state, ("active", "paused", "off"))
    rows = with_connection(home, lambda connection: all_endpoints(connection, state))
    if as_json:
        say_json(rows)
        return
    columns = {"owner": "Owner", "flavour": "API", "state": "State", "reason": "Reason"}
    columns |= {"failingSince": "Failing since", "waiting": "Pending", "failing": "Retrying"}
    columns |= {"dead": "Dead", "url": "URL", "uid": "Uid"}
    say_rows(rows, columns, none="There are no endpoints yet.")


@app.command("pause")
def pause(uid: Uid, home: Home = None) -> None:
    """Pause an endpoint. Events stay pending until it is resumed."""
    _bring(home, uid, "paused")
    say(f"{uid} is paused; events stay pending.")


@app.command("resume")
def resume(uid: Uid, home: Home = None) -> None:
    """Resume an endpoint that was paused or switched off."""
    _bring(home, uid, "active")
    say(f"{uid} is active again.")


@app.command("off")
def off(uid: Uid, home: Home = None) -> None:
    """Switch an endpoint off. It receives no events, and none are stored for it."""
    _bring(home, uid, "off")
    say(f"{uid} is off; no events are stored for it.")


@app.command("replay")
def replay(
    uid: Uid,
    position: Position = None,
    failed: Failed = False,
    since: Since = None,
    home: Home = None,
) -> None:
    """Replay events to an endpoint: one, all that failed, or all since a moment."""
    from gerance.kernel.webhooks.operator_queries import require_endpoint

    tell_again(home, lambda connection: require_endpoint(connection, uid), position, failed, since)


@app.command("deliveries")
def deliveries(
    uid: Annotated[
        str | None,
        typer.Option(help="Only deliveries to this endpoint.", show_default="all of them"),
    ] = None,
    outcome: Annotated[
        str | None,
        typer.Option(help="Only those that were delivered, failed or dead.", show_default="all"),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The most deliveries to list.")] = 50,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """List the latest deliveries and their outcomes."""
    from gerance.cli.output import say_json, say_rows
    from gerance.kernel.webhooks.operator_queries import latest_deliveries, require_endpoint

    if outcome is not None:
        _one_of("--outcome", outcome, ("delivered", "failed", "dead"))

    async def read(connection: "Connection") -> list[dict[str, Any]]:
        found = None if uid is None else await require_endpoint(connection, uid)
        return await latest_deliveries(connection, found, outcome, limit)

    rows = with_connection(home, read)
    if as_json:
        say_json(rows)
        return
    columns = {"at": "At", "outcome": "Outcome", "status": "Status", "attempt": "Attempt"}
    columns |= {"durationMs": "ms", "eventType": "Event", "position": "Position"}
    columns |= {"url": "URL", "detail": "Detail", "endpoint": "Uid"}
    say_rows(rows, columns, none="There are no deliveries yet.")


def _bring(home: str | None, uid: str, state: str) -> None:
    from gerance.kernel.webhooks.operator_queries import bring_to_state

    with_connection(home, lambda connection: bring_to_state(connection, uid, state))


def _one_of(option: str, given: str, known: tuple[str, ...]) -> None:
    from gerance.cli.failures import Failure

    if given not in known:
        raise Failure(f"{option}: expected one of {', '.join(known)}, got {given!r}")
