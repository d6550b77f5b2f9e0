"""Queries of proposals, with the stored client and the problems to check."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from psycopg.rows import dict_row

from gerance.kernel.db import Connection
from gerance.kernel.errors import Language, reject
from gerance.kernel.wire import decode_own
from gerance.partners.lifecycle.state import Customer
from gerance.partners.lifecycle.writer import CATEGORY, stream_of
from gerance.partners.proposals.comparison import ClientClaims, compare, mismatches, version_of
from gerance.partners.proposals.problems import UNCLEAR_DAY, ProposalProblem, sentence

MOST = 1000
_BEGINNING = 4000
_COLUMNS = (
    "SELECT p.id, p.partner, (SELECT name FROM partner WHERE code = p.partner) AS partner_name,"
    " p.client_id, p.kind, p.source, p.reason, p.details, p.state, p.created, p.decided,"
    " p.decided_by, coalesce((SELECT login FROM account WHERE uid::text = p.decided_by),"
    " p.decided_by) AS decider, (SELECT left(m.text, %(beginning)s) FROM partner_mail m"
    " WHERE m.proposal = p.id LIMIT 1) AS message FROM partner_proposal p"
)
_LIST = (
    f"{_COLUMNS} WHERE (%(every)s OR p.state = 'open') AND p.id > %(after)s"
    " ORDER BY CASE WHEN %(every)s THEN -p.id ELSE p.id END LIMIT %(most)s"
)
_ONE = f"{_COLUMNS} WHERE p.id = %(number)s"
_CUSTOMERS = "SELECT uid::text, state FROM stream WHERE category = %s AND uid = ANY(%s::uuid[])"


async def list_proposals(
    connection: Connection,
    *,
    every: bool = False,
    language: Language = "en",
    after: int = 0,
    most: int = MOST,
) -> list[dict[str, Any]]:
    """Open proposals, the oldest first, those after the number `after`; `every`: decided ones too,
    the newest first.

    Each as `read_proposal` returns it.
    """
    parameters = {"every": every, "after": after, "most": most, "beginning": _BEGINNING}
    return await _read(connection, _LIST, parameters, language)


async def read_proposal(
    connection: Connection, number: int, *, language: Language = "en"
) -> dict[str, Any]:
    """One proposal, decided or not. Raises Rejection (404 `UnknownProposal`).

    `problems`: sentences in the language, mismatches first; `day_is_unclear`: the message does not
    say which day is the last, though it names one; `comparison`: the stored client beside the
    message, empty without one of them; `mismatch`: the operator must confirm the client;
    `customer` and `client_name`: of the stored client, or None; `version`: see `version_of`;
    `message`: the beginning of the mail, None without one.
    """
    proposals = await _read(connection, _ONE, {"number": number, "beginning": _BEGINNING}, language)
    if not proposals:
        raise reject("UnknownProposal", "number", number=number)
    return proposals[0]


def problems_in(details: Mapping[str, Any]) -> list[ProposalProblem]:
    """The problems that were found when the proposal was created."""
    return [
        ProposalProblem("sentence", (each,)) if isinstance(each, str) else ProposalProblem(*each)
        for each in details.get("problems", ())
    ]


def claims_in(proposal: Mapping[str, Any]) -> ClientClaims | None:
    """The claims of its message about the client; None without a message."""
    details = proposal["details"]
    if "claims" in details:
        return msgspec.convert(details["claims"], ClientClaims)
    # Proposals of earlier releases have the name alone.
    if "mail" in details:
        name = details["mail"].get("client_name")
        return ClientClaims(name=(name,) if name else ())
    return None


async def _read(
    connection: Connection, statement: str, parameters: Mapping[str, Any], language: Language
) -> list[dict[str, Any]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement, parameters)
        proposals = await cursor.fetchall()
    customers = await _customers(connection, proposals)
    for proposal in proposals:
        uid = stream_of(proposal["partner"], proposal["client_id"])
        _describe(proposal, customers.get(str(uid)), language)
    return proposals


async def _customers(
    connection: Connection, proposals: Sequence[Mapping[str, Any]]
) -> dict[str, Customer]:
    uids = {str(stream_of(each["partner"], each["client_id"])) for each in proposals}
    rows = await connection.execute(_CUSTOMERS, [CATEGORY, list(uids)])
    return {uid: decode_own(Customer, state) for uid, state in await rows.fetchall()}


def _describe(proposal: dict[str, Any], customer: Customer | None, language: Language) -> None:
    claims = claims_in(proposal)
    proposals = [] if customer is None else mismatches(customer, claims)
    unclear = problems_in(proposal["details"])
    comparison = [] if customer is None or claims is None else compare(customer, claims)
    proposal["problems"] = [sentence(each, language) for each in (*proposals, *unclear)]
    proposal["day_is_unclear"] = any(each.code in UNCLEAR_DAY for each in unclear)
    proposal["mismatch"] = bool(proposals)
    proposal["comparison"] = msgspec.to_builtins(comparison)
    proposal["customer"] = customer
    proposal["client_name"] = None if customer is None else _name(customer)
    proposal["version"] = version_of(customer)


def _name(customer: Customer) -> str:
    details = customer.details
    person = " ".join(filter(None, (details.firstname, details.lastname)))
    return f"{person} ({details.company_name})" if details.company_name else person
