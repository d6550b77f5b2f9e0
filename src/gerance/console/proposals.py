"""Proposals of partners: list, compare with the stored client, approve, reject, import."""

import re
from datetime import date
from typing import Any
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from gerance.console.formats import show_day
from gerance.console.pages import error_message, form, language_of_visitor, page, redirect
from gerance.console.texts import rejection, translate
from gerance.kernel import clock
from gerance.kernel.db import Pool
from gerance.kernel.errors import BadRequest, Rejection
from gerance.partners.customers.commands import Terminate
from gerance.partners.mail.parser import read_request
from gerance.partners.mail.proposal import partner_that_asks, propose
from gerance.partners.mail.quoted_message import as_message
from gerance.partners.proposals.decision import approve, command_of, reject_proposal
from gerance.partners.proposals.queries import list_proposals, read_proposal

HOME = "/console/proposals"
MAX_MONTHS = 120
PAGE_SIZE = 25
LAST_YEAR = 2199
_DECISIONS = ("approved", "rejected")
_DAY = re.compile(r"\d{4,6}-\d\d-\d\d", re.ASCII)


async def show(
    request: Request, *, status: int = 200, message: str = "", pasted: str = ""
) -> Response:
    """The open proposals. `message`: why the message in `pasted` was rejected."""
    after = request.query_params.get("after", "")
    number = int(after) if after.isdecimal() and len(after) < 19 else 0
    pool: Pool = request.app.state.pool
    async with pool.connection() as connection:
        proposals = await list_proposals(
            connection, language=language_of_visitor(request), after=number, most=PAGE_SIZE + 1
        )
    return page(
        request,
        "proposals",
        status=status,
        proposals=proposals[:PAGE_SIZE],
        after=proposals[PAGE_SIZE - 1]["id"] if len(proposals) > PAGE_SIZE else None,
        is_first=not number,
        message=message,
        notice="" if message else _notice(request),
        pasted=pasted,
    )


async def show_one(request: Request) -> Response:
    """A proposal: the stored client beside the message, then the decision."""
    return await _show_one(request, notice=_notice(request))


async def confirm(request: Request) -> Response:
    """The confirmation before a contract ends, with its client and its last day."""
    proposal = await _read(request)
    try:
        changes = _changes(request, dict(request.query_params))
        command = command_of(proposal, changes, _today(request))
        if proposal["state"] == "open" and isinstance(command, Terminate):
            _reject_before_start(request, proposal, command.end_of_contract_date)
    except Rejection as error:
        return await _show_one(request, status=error.status, message=error_message(request, error))
    if proposal["state"] != "open" or not isinstance(command, Terminate):
        return redirect(f"{HOME}/{proposal['id']}")
    return _confirmation(request, proposal, command.end_of_contract_date)


async def approve_one(request: Request) -> Response:
    """Approve a proposal, with the values that the operator changed, and show the list.

    A contract ends only after a confirmation.
    """
    fields = await form(request)
    proposal = await _read(request)
    number, actor = proposal["id"], request.scope["principal"].uid
    pool: Pool = request.app.state.pool
    try:
        changes = _changes(request, fields)
        if proposal["kind"] == "terminate" and "confirmed" not in fields:
            return redirect(
                f"{HOME}/{number}/confirm?{urlencode({'date': fields.get('date', '')})}"
            )
        if proposal["kind"] == "terminate" and proposal["state"] == "open":
            last = command_of(proposal, changes, _today(request))
            if isinstance(last, Terminate):
                _reject_before_start(request, proposal, last.end_of_contract_date)
        async with pool.connection() as connection:
            await approve(
                connection,
                request.app.state.writer,
                number,
                today=_today(request),
                actor=actor,
                changes=changes,
                same_client="same_client" in fields,
                version=fields.get("version", ""),
            )
    except Rejection as error:
        return await _show_rejected_decision(request, error, "approved", fields)
    return redirect(f"{HOME}?done=approved&number={number}")


async def confirm_reject(request: Request) -> Response:
    """The confirmation before a proposal is rejected."""
    proposal = await _read(request)
    if proposal["state"] != "open":
        return redirect(f"{HOME}/{proposal['id']}")
    return page(request, "confirm_reject", proposal=proposal)


async def reject_one(request: Request) -> Response:
    """Reject a proposal and show the list, after a confirmation."""
    fields = await form(request)
    proposal = await _read(request)
    number = proposal["id"]
    if proposal["state"] == "open" and "confirmed" not in fields:
        return redirect(f"{HOME}/{number}/reject")
    pool: Pool = request.app.state.pool
    try:
        async with pool.connection() as connection:
            await reject_proposal(connection, number, actor=request.scope["principal"].uid)
    except Rejection as error:
        return await _show_rejected_decision(request, error, "rejected", {})
    return redirect(f"{HOME}?done=rejected&number={number}")


async def paste(request: Request) -> Response:
    """Import a message as a proposal, or show the form again with an error."""
    text = (await form(request)).get("message", "")
    content = as_message(text.encode())
    pool: Pool = request.app.state.pool
    try:
        async with pool.connection() as connection:
            partner = await partner_that_asks(connection, content)
        mail_request = await run_sync(read_request, content, _today(request))
        async with pool.connection() as connection:
            proposal = await propose(connection, partner, mail_request, "operator")
    except Rejection as error:
        return await show(
            request, status=error.status, message=error_message(request, error), pasted=text
        )
    return redirect(f"{HOME}/{proposal.number}?done=proposed")


async def _show_rejected_decision(
    request: Request, error: Rejection, state: str, fields: dict[str, str]
) -> Response:
    """The current proposal, with the reason and what the operator entered. When the operator sends
    the same decision twice, the second one succeeds, too."""
    proposal = await _read(request)
    if error.code == "ClientDiffers":
        message = translate("tick missing", language_of_visitor(request))
        if "confirmed" not in fields:
            return await _show_one(request, status=error.status, message=message, **fields)
        command = command_of(proposal, _changes(request, fields), _today(request))
        if isinstance(command, Terminate):
            last = command.end_of_contract_date
            return _confirmation(request, proposal, last, status=error.status, message=message)
    if error.code != "ProposalDecided":
        message = error_message(request, error)
        return await _show_one(request, status=error.status, message=message, **fields)
    if (proposal["state"], proposal["decided_by"]) == (state, request.scope["principal"].uid):
        return redirect(f"{HOME}?done={state}&number={proposal['id']}")
    message = translate("decided meanwhile", language_of_visitor(request))
    return await _show_one(request, status=error.status, message=message)


async def _show_one(
    request: Request, *, status: int = 200, message: str = "", notice: str = "", **fields: str
) -> Response:
    """The proposal. Its form has what the operator entered (`fields`, or the query), else what the
    message says."""
    proposal = await _read(request)
    details, values = proposal["details"], dict(request.query_params) | fields
    return page(
        request,
        "proposal",
        status=status,
        proposal=proposal,
        entered={
            "date": _calendar_day(values["date"])
            if "date" in values
            else (details.get("end_of_contract_date") or ""),
            "months": values.get("months", details.get("months") or ""),
            "for_good": values["duration"] == "for_good"
            if "duration" in values
            else "months" in details and details["months"] is None,
        },
        last_year=LAST_YEAR,
        message=message,
        notice=notice,
    )


def _reject_before_start(request: Request, proposal: dict[str, Any], last: date) -> None:
    """Raises BadRequest when the contract would end before its service started."""
    customer = proposal["customer"]
    start = customer and customer.service_starting_date
    if start and last < start:
        raise BadRequest(
            translate("day too early", "en", show_day(start, "en")),
            french=translate("day too early", "fr", show_day(start, "fr")),
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
    """The proposal in the path. Raises Rejection (404)."""
    pool: Pool = request.app.state.pool
    async with pool.connection() as connection:
        return await read_proposal(
            connection, _number(request), language=language_of_visitor(request)
        )


def _notice(request: Request) -> str:
    state, number = request.query_params.get("done"), request.query_params.get("number", "")
    if state in _DECISIONS and number.isdecimal():
        return translate(state, language_of_visitor(request), number[:12])
    return ""


def _number(request: Request) -> int:
    text = request.path_params["number"]
    if not text.isdecimal() or len(text) > 18:
        raise Rejection("UnknownProposal")
    return int(text)


def _today(request: Request) -> date:
    return clock.today(request.app.state.settings.zone)


def _changes(request: Request, fields: dict[str, str]) -> dict[str, Any]:
    """The values that the operator changed. Raises BadRequest."""
    changes: dict[str, Any] = {}
    if fields.get("duration") == "for_good":
        changes["months"] = None
    elif "months" in fields:
        months = fields["months"].strip()
        if not months.isdecimal() or not 0 < int(months[:6]) <= MAX_MONTHS:
            raise rejection(BadRequest, "months wrong", MAX_MONTHS)
        changes["months"] = int(months)
    if "date" in fields:
        text = fields["date"].strip()
        changes["end_of_contract_date"] = _day(request, text) if text else None
    return changes


def _calendar_day(text: str) -> str:
    """The text if a date field can show it, else an empty text: browsers log errors for others."""
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
