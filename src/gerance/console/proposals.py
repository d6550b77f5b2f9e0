"""What partners seem to want: read it from a message, compare, approve it, reject it."""

import re
from datetime import date
from typing import Any
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from gerance.console.formats import show_day
from gerance.console.pages import form, page, spoken, to, told
from gerance.console.texts import rejection, said
from gerance.kernel import clock
from gerance.kernel.db import Pool
from gerance.kernel.errors import BadRequest, Refused
from gerance.partners.customers.commands import Terminate
from gerance.partners.mail.parser import read_request
from gerance.partners.mail.proposal import partner_that_asks, propose
from gerance.partners.mail.quoted_message import as_message
from gerance.partners.proposals.decision import approve, command_of, reject
from gerance.partners.proposals.queries import list_proposals, read_proposal

HOME = "/console/proposals"
MOST_MONTHS = 120
ON_A_PAGE = 25
LAST_YEAR = 2199
_DONE = ("approved", "rejected")
_DAY = re.compile(r"\d{4,6}-\d\d-\d\d", re.ASCII)


async def show(request: Request, *, status: int = 200, message: str = "", **kept: str) -> Response:
    """Those that wait for an operator; `message`: what is wrong with the message in `pasted`."""
    after = request.query_params.get("after", "")
    number = int(after) if after.isdecimal() and len(after) < 19 else 0
    pool: Pool = request.app.state.pool
    async with pool.connection() as connection:
        found = await list_proposals(
            connection, language=spoken(request), after=number, most=ON_A_PAGE + 1
        )
    return page(
        request,
        "proposals",
        status=status,
        proposals=found[:ON_A_PAGE],
        after=found[ON_A_PAGE - 1]["id"] if len(found) > ON_A_PAGE else None,
        is_first=not number,
        message=message,
        notice="" if message else _notice(request),
        **{"pasted": ""} | kept,
    )


async def show_one(request: Request) -> Response:
    """One proposal: the stored client beside the message, then the decision."""
    return await _show_one(request, notice=_notice(request))


async def confirm(request: Request) -> Response:
    """The last question before a contract ends: whose, which, when."""
    proposal = await _read(request)
    try:
        given = _given(request, dict(request.query_params))
        command = command_of(proposal, given, _today(request))
        if proposal["state"] == "open" and isinstance(command, Terminate):
            _refuse_before_start(request, proposal, command.end_of_contract_date)
    except Refused as refused:
        return await _show_one(request, status=refused.status, message=told(request, refused))
    if proposal["state"] != "open" or not isinstance(command, Terminate):
        return to(f"{HOME}/{proposal['id']}")
    return _confirmation(request, proposal, command.end_of_contract_date)


async def approve_one(request: Request) -> Response:
    """Do what is proposed, or what the operator says instead; then the list.

    A contract ends only once its end was confirmed.
    """
    fields = await form(request)
    proposal = await _read(request)
    number, actor = proposal["id"], request.scope["principal"].uid
    pool: Pool = request.app.state.pool
    try:
        given = _given(request, fields)
        if proposal["kind"] == "terminate" and "confirmed" not in fields:
            return to(f"{HOME}/{number}/confirm?{urlencode({'date': fields.get('date', '')})}")
        if proposal["kind"] == "terminate" and proposal["state"] == "open":
            last = command_of(proposal, given, _today(request))
            if isinstance(last, Terminate):
                _refuse_before_start(request, proposal, last.end_of_contract_date)
        async with pool.connection() as connection:
            await approve(
                connection,
                request.app.state.writer,
                number,
                today=_today(request),
                actor=actor,
                given=given,
                same_client="same_client" in fields,
                version=fields.get("version", ""),
            )
    except Refused as refused:
        return await _not_done(request, refused, "approved", fields)
    return to(f"{HOME}?done=approved&number={number}")


async def reject_one(request: Request) -> Response:
    """Leave everything as it is; then the list."""
    await form(request)
    number = _number(request)
    pool: Pool = request.app.state.pool
    try:
        async with pool.connection() as connection:
            await reject(connection, number, actor=request.scope["principal"].uid)
    except Refused as refused:
        return await _not_done(request, refused, "rejected", {})
    return to(f"{HOME}?done=rejected&number={number}")


async def paste(request: Request) -> Response:
    """Read a message into a proposal; the box again, with its text, where that is not possible."""
    text = (await form(request)).get("message", "")
    content = as_message(text.encode())
    pool: Pool = request.app.state.pool
    try:
        async with pool.connection() as connection:
            partner = await partner_that_asks(connection, content)
        request_read = await run_sync(read_request, content, _today(request))
        async with pool.connection() as connection:
            proposed = await propose(connection, partner, request_read, "operator")
    except Refused as refused:
        return await show(
            request, status=refused.status, message=told(request, refused), pasted=text
        )
    return to(f"{HOME}/{proposed.number}?done=proposed")


async def _not_done(
    request: Request, refused: Refused, wanted: str, fields: dict[str, str]
) -> Response:
    """The proposal as it is by now, with what was refused and what the operator entered. The same
    decision of the same operator, sent twice, is no refusal."""
    proposal = await _read(request)
    if refused.code == "ClientDiffers":
        message = said("tick missing", spoken(request))
        if "confirmed" not in fields:
            return await _show_one(request, status=refused.status, message=message, **fields)
        command = command_of(proposal, _given(request, fields), _today(request))
        if isinstance(command, Terminate):
            last = command.end_of_contract_date
            return _confirmation(request, proposal, last, status=refused.status, message=message)
    if refused.code != "ProposalDecided":
        message = told(request, refused)
        return await _show_one(request, status=refused.status, message=message, **fields)
    if (proposal["state"], proposal["decided_by"]) == (wanted, request.scope["principal"].uid):
        return to(f"{HOME}?done={wanted}&number={proposal['id']}")
    message = said("decided meanwhile", spoken(request))
    return await _show_one(request, status=refused.status, message=message)


async def _show_one(
    request: Request, *, status: int = 200, message: str = "", notice: str = "", **fields: str
) -> Response:
    """The proposal; its form has what the operator entered (`fields`, or the query) before what the
    message says."""
    proposal = await _read(request)
    details, entered = proposal["details"], dict(request.query_params) | fields
    return page(
        request,
        "proposal",
        status=status,
        proposal=proposal,
        entered={
            "date": _calendar_day(entered["date"])
            if "date" in entered
            else (details.get("end_of_contract_date") or ""),
            "months": entered.get("months", details.get("months") or ""),
            "for_good": entered["duration"] == "for_good"
            if "duration" in entered
            else "months" in details and details["months"] is None,
        },
        last_year=LAST_YEAR,
        message=message,
        notice=notice,
    )


def _refuse_before_start(request: Request, proposal: dict[str, Any], last: date) -> None:
    """Raises BadRequest when the contract would end before its service began."""
    customer = proposal["customer"]
    start = customer and customer.service_starting_date
    if start and last < start:
        raise BadRequest(
            said("day too early", "en", show_day(start, "en")),
            french=said("day too early", "fr", show_day(start, "fr")),
        )


def _confirmation(
    request: Request,
    proposal: dict[str, Any],
    last: date,
    *,
    status: int = 200,
    message: str = "",
) -> Response:
    return page(
        request,
        "confirm",
        status=status,
        message=message,
        proposal=proposal,
        last_day=last,
        at_once=last <= _today(request),
    )


async def _read(request: Request) -> dict[str, Any]:
    """The proposal in the path. Raises Refused (404)."""
    pool: Pool = request.app.state.pool
    async with pool.connection() as connection:
        return await read_proposal(connection, _number(request), language=spoken(request))


def _notice(request: Request) -> str:
    done, number = request.query_params.get("done"), request.query_params.get("number", "")
    if done in _DONE and number.isdecimal():
        return said(done, spoken(request), number[:12])
    return ""


def _number(request: Request) -> int:
    text = request.path_params["number"]
    if not text.isdecimal() or len(text) > 18:
        raise Refused("UnknownProposal", "There is no such proposal.")
    return int(text)


def _today(request: Request) -> date:
    return clock.today(request.app.state.settings.zone)


def _given(request: Request, fields: dict[str, str]) -> dict[str, Any]:
    """What the operator says in place of the proposal. Raises BadRequest."""
    given: dict[str, Any] = {}
    if fields.get("duration") == "for_good":
        given["months"] = None
    elif "months" in fields:
        months = fields["months"].strip()
        if not months.isdecimal() or not 0 < int(months[:6]) <= MOST_MONTHS:
            raise rejection(BadRequest, "months wrong", MOST_MONTHS)
        given["months"] = int(months)
    if "date" in fields:
        text = fields["date"].strip()
        given["end_of_contract_date"] = _day(request, text) if text else None
    return given


def _calendar_day(text: str) -> str:
    """The text when a date field can show it, else none: browsers complain about others."""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        return ""


def _day(request: Request, text: str) -> str:
    """The day of a text like `2026-11-30`. Raises BadRequest."""
    if _DAY.fullmatch(text) and int(text.partition("-")[0]) > LAST_YEAR:
        raise rejection(BadRequest, "day too far", LAST_YEAR)
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise rejection(BadRequest, "day wrong") from None
