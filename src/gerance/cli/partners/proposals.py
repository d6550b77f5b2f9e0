"""`gerance partners proposals`, `approve` and `reject`: decisions of an operator."""

from typing import Annotated, Any

import typer

from gerance.cli.installation import today, with_connection, with_writer
from gerance.cli.options import ForGood, Home, Json, parse_day
from gerance.cli.output import say, say_json, say_rows

ProposalNumber = Annotated[int, typer.Argument(help="Number of the proposal.", show_default=False)]


def proposals(
    every: Annotated[bool, typer.Option("--all", help="Include decided proposals.")] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """List the proposals that wait for a decision."""
    from gerance.partners.proposals.queries import list_proposals

    rows = with_connection(home, lambda connection: list_proposals(connection, every=every))
    if as_json:
        say_json(rows)
        return
    for row in rows:
        row["request"] = _request(row["details"])
        row["problems"] = " ".join(row["problems"])
    columns = {"id": "No.", "partner": "Partner", "client_id": "Client", "kind": "Kind"}
    columns |= {"request": "Request", "reason": "Reason", "source": "Source", "state": "State"}
    columns |= {"created": "Created", "problems": "Problems"}
    say_rows(rows, columns, none="There are no proposals.")


def approve(
    number: ProposalNumber,
    months: Annotated[
        int | None,
        typer.Option(min=1, max=120, help="Offer this many months.", show_default="as proposed"),
    ] = None,
    for_good: ForGood = False,
    date: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD", help="Last day of the contract.", show_default="as proposed"
        ),
    ] = None,
    same_client: Annotated[
        bool,
        typer.Option(
            "--same-client",
            help="Confirm that the message and the stored client are the same, although they"
            " differ.",
        ),
    ] = False,
    home: Home = None,
) -> None:
    """Approve a proposal. A termination without a day takes effect at the end of this month."""
    from gerance.partners.proposals import decision

    changes = _changes(months, for_good, date)
    say(
        with_writer(
            home,
            lambda connection, writer: decision.approve(
                connection,
                writer,
                number,
                today=today(home),
                actor="operator",
                changes=changes,
                same_client=same_client,
            ),
        )
    )


def reject(number: ProposalNumber, home: Home = None) -> None:
    """Reject a proposal. The customer does not change."""
    from gerance.partners.proposals import decision

    with_connection(
        home, lambda connection: decision.reject_proposal(connection, number, actor="operator")
    )
    say(f"Rejected proposal {number}. The customer does not change.")


def _changes(months: int | None, for_good: bool, date: str | None) -> dict[str, Any]:
    """The values that replace those of the proposal. Raises Failure."""
    from gerance.cli.failures import Failure

    if months is not None and for_good:
        raise Failure("--months and --for-good: choose one")
    changes: dict[str, Any] = {"months": months} if months is not None or for_good else {}
    if date is not None:
        changes["end_of_contract_date"] = parse_day(date).isoformat()
    return changes


def _request(details: dict[str, Any]) -> str:
    """The months or the day of a proposal."""
    if "months" in details:
        return f"{details['months']} months" if details["months"] else "for good"
    return str(details.get("end_of_contract_date", ""))
