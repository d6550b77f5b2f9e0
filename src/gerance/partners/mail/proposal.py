"""Proposals from e-mail requests. An operator approves or rejects them."""

import json
from typing import Any, NamedTuple

import msgspec

from gerance.kernel.db import Connection
from gerance.kernel.errors import reject
from gerance.kernel.locks import hold, mail_of
from gerance.partners.mail.message import read_head
from gerance.partners.mail.parser import MailRequest
from gerance.partners.mail.senders import partners_of
from gerance.partners.mail.subject import read_subject
from gerance.partners.proposals.problems import ProposalProblem

SOURCE = "mail"
MOST_OPEN = 500
"""The maximum number of open proposals from e-mails of a partner."""

_ORIGIN = "mail"
"""The member of a proposal's details about its origin, which is not part of the request."""

_SELECT_EARLIER = (
    "SELECT proposal FROM partner_mail WHERE partner = %(partner)s AND identifier = %(identifier)s"
)
_ALIKE = (
    "SELECT id FROM partner_proposal WHERE partner = %(partner)s AND client_id = %(client_id)s"
    " AND kind = %(kind)s AND source = %(source)s AND state = 'open' AND reason = %(reason)s"
    f" AND details::jsonb - '{_ORIGIN}' = %(details)s::jsonb - '{_ORIGIN}' ORDER BY id LIMIT 1"
)
_PROPOSE = (
    "INSERT INTO partner_proposal (partner, client_id, kind, source, reason, details)"
    " SELECT %(partner)s, %(client_id)s, %(kind)s, %(source)s, %(reason)s, %(details)s"
    " WHERE (SELECT count(*) FROM partner_proposal WHERE partner = %(partner)s"
    " AND source = %(source)s AND state = 'open') < %(most)s RETURNING id"
)
_INSERT_MAIL = (
    "INSERT INTO partner_mail (partner, identifier, proposal, sender, subject, text, authenticity)"
    " VALUES (%(partner)s, %(identifier)s, %(proposal)s, %(sender)s, %(subject)s, %(text)s,"
    " %(authenticity)s)"
)


class ProposalResult(NamedTuple):
    """The number of the proposal. `new`: this message created it; `problems`: what an operator must
    check before approval."""

    number: int
    new: bool
    problems: tuple[ProposalProblem, ...]


async def partner_that_asks(connection: Connection, content: bytes) -> str:
    """The code of the partner that sends a message. Only its head is read.

    Raises Rejection: `MailUnreadable`, `MailNotARequest`, `MailSenderUnknown`.
    """
    head = read_head(content)
    earlier = await partners_of(connection, head.sender)
    if not earlier:
        raise reject("MailSenderUnknown", "any", sender=head.sender)
    name = read_subject(head.subject).partner
    codes = [partner.code for partner in earlier if partner.is_called(name)]
    if not codes:
        raise reject("MailSenderUnknown", "partner", sender=head.sender, partner=name[:100])
    if len(codes) > 1:
        raise reject("MailNotARequest", "several", name=name[:100])
    return codes[0]


async def propose(
    connection: Connection, partner: str, request: MailRequest, authenticity: str
) -> ProposalResult:
    """Create a proposal. A repeated message changes nothing, and neither does a request that is
    proposed already.

    `authenticity`: how the sender was authenticated. Raises Rejection (503 `MailTooMany`).
    """
    async with connection.transaction():
        await hold(connection, mail_of(partner))
        return await _propose(connection, partner, request, authenticity)


async def _propose(
    connection: Connection, partner: str, request: MailRequest, authenticity: str
) -> ProposalResult:
    details = await _details(connection, partner, request, authenticity)
    problems = tuple(details.get("problems", ()))
    row = {
        "partner": partner, "client_id": request.client_id, "kind": request.kind,
        "source": SOURCE, "reason": request.reason or "", "details": json.dumps(details),
        "identifier": request.identifier, "sender": request.sender, "subject": request.subject,
        "text": request.text, "authenticity": authenticity, "most": MOST_OPEN,
    }  # fmt: skip
    earlier = await (await connection.execute(_SELECT_EARLIER, row)).fetchone()
    if earlier is not None:
        return ProposalResult(earlier[0], False, problems)
    alike = await (await connection.execute(_ALIKE, row)).fetchone()
    row_of_proposal = alike or await (await connection.execute(_PROPOSE, row)).fetchone()
    if row_of_proposal is None:
        raise reject("MailTooMany", "open", most=MOST_OPEN, partner=partner)
    await connection.execute(_INSERT_MAIL, row | {"proposal": row_of_proposal[0]})
    return ProposalResult(row_of_proposal[0], alike is None, problems)


async def _details(
    connection: Connection, partner: str, request: MailRequest, authenticity: str
) -> dict[str, Any]:
    """The details of the proposal: `months` (null: for good) of an offer or `end_of_contract_date`
    of a termination, if the message is clear; `problems`; `claims` about the client; the origin."""
    details: dict[str, Any] = {}
    if request.kind == "offer" and (request.months or request.for_good):
        details["months"] = request.months
    if request.end_of_contract_date is not None:
        details["end_of_contract_date"] = request.end_of_contract_date.isoformat()
    problems = (*request.problems, *await _state_of(connection, partner, request.client_id))
    if problems:
        details["problems"] = problems
    details["claims"] = msgspec.to_builtins(request.claims)
    details[_ORIGIN] = {
        "sender": request.sender,
        "authenticity": authenticity,
        "subject": request.subject,
        "client_name": request.client_name,
        "words": request.words,
    }
    return details


async def _state_of(connection: Connection, partner: str, client_id: str) -> list[ProposalProblem]:
    """The problems of the client in the request."""
    rows = await connection.execute(
        "SELECT status, end_of_contract_date FROM partner_customer"
        " WHERE partner = %s AND client_id = %s",
        [partner, client_id],
    )
    customer_row = await rows.fetchone()
    if customer_row is None:
        return [ProposalProblem("unknown_client", (partner, client_id))]
    status, ended = customer_row
    if status == "lead":
        return [ProposalProblem("lead", (client_id,))]
    return [ProposalProblem("ended", (client_id, str(ended)))] if status == "terminated" else []
