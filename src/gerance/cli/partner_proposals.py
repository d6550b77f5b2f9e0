"""`gerance partners proposals`, `approve` and `reject`: what waits for an operator."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from gerance.cli.connect import readable_database, with_connection
from gerance.cli.output import Home, Json, say

if TYPE_CHECKING:
    from gerance.kernel.db import Connection
    from gerance.kernel.log.writer import Writer

T = TypeVar("T")

ProposalId = Annotated[int, typer.Argument(help="The number of the proposal.", show_default=False)]


def proposals(
    every: Annotated[bool, typer.Option("--all", help="Those too that were decided.")] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """List what is proposed and waits for an operator."""
    from gerance.cli.output import say_json, say_rows
    from gerance.partners.proposals.queries import list_proposals

    rows = with_connection(home, lambda connection: list_proposals(connection, every=every))
    if as_json:
        say_json(rows)
        return
    for row in rows:
        row["asked"] = _asked(row["details"])
        row["problems"] = " ".join(row["problems"])
    columns = {"id": "No.", "partner": "Partner", "client_id": "Client", "kind": "What"}
    columns |= {"asked": "Asked", "reason": "Why", "source": "From", "state": "State"}
    columns |= {"created": "Since", "problems": "Problems"}
    say_rows(rows, columns, none="Nothing is proposed.")


def approve(
    number: ProposalId,
    months: Annotated[
        int | None, typer.Option(min=1, max=120, help="Offer so many.", show_default="as proposed")
    ] = None,
    for_good: Annotated[bool, typer.Option("--for-good", help="Offer all months to come.")] = False,
    date: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="The last day.", show_default="as proposed"),
    ] = None,
    same_client: Annotated[
        bool,
        typer.Option(
            "--same-client", help="You have checked that it is this client, although they differ."
        ),
    ] = False,
    home: Home = None,
) -> None:
    """Approve a proposal. A termination without a day ends the contract with this month."""

    from gerance.kernel import clock
    from gerance.kernel.settings import load_settings
    from gerance.partners.proposals.decision import approve as approve_proposal

    given = _given(months, for_good, date)
    zone = load_settings(home=home).zone
    told = _with_writer(
        home,
        lambda connection, writer: approve_proposal(
            connection,
            writer,
            number,
            today=clock.today(zone),
            actor="operator",
            given=given,
            same_client=same_client,
        ),
    )
    say(told)


def reject(number: ProposalId, home: Home = None) -> None:
    """Reject a proposal; everything stays as it is."""
    from gerance.partners.proposals.decision import reject as reject_proposal

    with_connection(home, lambda connection: reject_proposal(connection, number, actor="operator"))
    say(f"Proposal {number} is rejected; nothing changes.")


def _given(months: int | None, for_good: bool, date: str | None) -> dict[str, Any]:
    """What the operator says in place of the proposal. Raises Failure."""
    from gerance.cli.failures import Failure
    from gerance.partners.parameters.problems import WrongParameter
    from gerance.partners.parameters.values import day

    if months is not None and for_good:
        raise Failure("--months and --for-good: choose one")
    given: dict[str, Any] = {"months": months} if months is not None or for_good else {}
    if date is not None:
        try:
            given["end_of_contract_date"] = day(date).isoformat()
        except WrongParameter:
            raise Failure(f"--date: expected a day like 2026-11-30, got {date!r}") from None
    return given


def _asked(details: dict[str, Any]) -> str:
    """The months or the day of a proposal, in short."""
    if "months" in details:
        return f"{details['months']} months" if details["months"] else "for good"
    return str(details.get("end_of_contract_date", ""))


def _with_writer(home: str | None, act: "Callable[[Connection, Writer], Awaitable[T]]") -> "T":
    """What `act` gives on a connection and a writer of the installation's database."""
    import asyncio

    from gerance.kernel import clock
    from gerance.kernel.db import open_pool
    from gerance.kernel.errors import Refused
    from gerance.kernel.log.writer import open_writer
    from gerance.kernel.settings import load_settings

    async def run(url: str) -> T | Refused:
        async with (
            open_pool(url, size=4, statement_timeout_ms=30_000) as pool,
            open_writer(pool) as writer,
            pool.connection() as connection,
        ):
            await clock.synchronise(connection)
            try:
                return await act(connection, writer)
            except Refused as refused:
                # The writer's group would wrap one that is raised.
                return refused

    with readable_database(load_settings(home=home)) as url:
        done = asyncio.run(run(url))
    if isinstance(done, Refused):
        raise done
    return done
