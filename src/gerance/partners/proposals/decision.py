"""Approval and rejection of proposals."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from psycopg.rows import dict_row

from gerance.kernel.db import Connection
from gerance.kernel.errors import CommandAlreadySent, Rejection, reject
from gerance.kernel.identity.accounts import audit
from gerance.kernel.log.writer import Writer
from gerance.kernel.months import add_months
from gerance.kernel.wire import SafeUUID
from gerance.partners.customers.commands import CustomerCommand, OfferMonths, Terminate
from gerance.partners.customers.decide import decide
from gerance.partners.lifecycle.deadlines import Stamp
from gerance.partners.lifecycle.events import Approval, PartnerCustomerEvent
from gerance.partners.lifecycle.state import Customer
from gerance.partners.lifecycle.writer import ChangeRequest, change
from gerance.partners.proposals.comparison import mismatches, version_of
from gerance.partners.proposals.problems import UNCLEAR_DAY, ProposalProblem, sentence
from gerance.partners.proposals.queries import claims_in, problems_in

_NAMESPACE = uuid5(NAMESPACE_URL, "https://gerance.example/partners/proposals")


async def approve(
    connection: Connection,
    writer: Writer,
    number: int,
    *,
    today: date,
    actor: str,
    changes: Mapping[str, Any] | None = None,
    same_client: bool = False,
    version: str | None = None,
) -> str:
    """Execute a proposal and return a sentence about the result.

    `changes`: values of the operator instead of the proposal's `months` or `end_of_contract_date`;
    `same_client`: the operator has confirmed the client, although the message differs; `version`:
    of the customer that the operator saw (`version_of`), None to accept any. The events have the
    proposal and the operator. Two approvals, by two operators or after a kill, have one effect.

    Raises Rejection: unknown, decided or unclear proposal (`ProposalUnclear`), a message about
    another client (`ClientDiffers`), a customer that has changed (`ClientChanged`), and the
    rejections of the command.
    """
    async with connection.transaction():
        proposal = await _open(connection, number)
        command = command_of(proposal, changes or {}, today)
        process = SafeUUID(str(uuid5(_NAMESPACE, str(number))))

        def decide_checked(state: Customer | None, stamp: Stamp) -> Sequence[PartnerCustomerEvent]:
            if version is not None and version != version_of(state):
                raise _client_changed(number)
            if state is not None and not same_client:
                _reject_other_client(number, mismatches(state, claims_in(proposal)))
            return decide(state, command, stamp)

        approval = Approval(number, proposal["source"], actor)
        request = ChangeRequest("operator", today, process, approval=approval)
        try:
            await change(
                writer, proposal["partner"], proposal["client_id"], request, decide_checked
            )
            summary = _summary(proposal, command)
        except CommandAlreadySent:
            summary = "it was executed before."
        await _record_decision(connection, proposal, "approved", actor)
    return f"Proposal {number} is approved: {summary}"


async def reject_proposal(connection: Connection, number: int, *, actor: str) -> None:
    """Reject a proposal. Raises Rejection: unknown or decided proposal."""
    async with connection.transaction():
        await _record_decision(connection, await _open(connection, number), "rejected", actor)


async def _open(connection: Connection, number: int) -> dict[str, Any]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT id, partner, client_id, kind, source, reason, details, state"
            " FROM partner_proposal WHERE id = %s FOR UPDATE",
            [number],
        )
        proposal = await cursor.fetchone()
    if proposal is None:
        raise reject("UnknownProposal", "number", number=number)
    if proposal["state"] != "open":
        raise reject("ProposalDecided", proposal["state"], number=number)
    return proposal


def command_of(
    proposal: dict[str, Any], changes: Mapping[str, Any], today: date
) -> CustomerCommand:
    """The command of a proposal. `details` of an offer: `months` (null: for good); of a
    termination: `end_of_contract_date`, else the contract ends with the current month."""
    details, reason = proposal["details"] | changes, proposal["reason"] or None
    if proposal["kind"] == "offer":
        if "end_of_contract_date" in changes:
            raise reject("ProposalUnclear", "offer_with_day", number=proposal["id"])
        if "months" not in details:
            raise reject("ProposalUnclear", "no_months", number=proposal["id"])
        return OfferMonths(details["months"], reason)
    if "months" in changes:
        raise reject("ProposalUnclear", "end_with_months", number=proposal["id"])
    day_text = details.get("end_of_contract_date")
    if day_text is None and any(each.code in UNCLEAR_DAY for each in problems_in(details)):
        raise reject("ProposalUnclear", "no_day", number=proposal["id"])
    day = date.fromisoformat(day_text) if day_text else add_months(today, 1) - timedelta(days=1)
    return Terminate(day, reason)


def _reject_other_client(number: int, problems: Sequence[ProposalProblem]) -> None:
    if problems:
        english = " ".join(sentence(each, "en") for each in problems)
        french = " ".join(sentence(each, "fr") for each in problems)
        raise reject(
            "ClientDiffers", "client", number=number, problems={"en": english, "fr": french}
        )


def _client_changed(number: int) -> Rejection:
    return reject("ClientChanged", "number", number=number)


def _summary(proposal: dict[str, Any], command: CustomerCommand) -> str:
    who = f"{proposal['partner']} {proposal['client_id']}"
    match command:
        case Terminate(end_of_contract_date=day):
            return f"the contract of {who} ends on {day}."
        case OfferMonths(months=None):
            return f"the service is offered to {who} for good."
        case OfferMonths(months=months):
            return f"{months} months are offered to {who}."
        case _:
            return who


async def _record_decision(
    connection: Connection, proposal: dict[str, Any], state: str, actor: str
) -> None:
    await connection.execute(
        "UPDATE partner_proposal SET state = %s, decided = now(), decided_by = %s WHERE id = %s",
        [state, actor, proposal["id"]],
    )
    subject = f"{proposal['partner']} {proposal['client_id']} ({proposal['id']})"
    await audit(connection, actor, f"proposal {state}", subject)
