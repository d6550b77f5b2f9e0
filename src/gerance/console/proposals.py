"""What partners seem to want: read it from a message, approve it, reject it."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from gerance.console.pages import form, page, spoken, to, told
from gerance.console.signing_in import HOME
from gerance.console.words import said
from gerance.kernel import clock
from gerance.kernel.db import Pool
from gerance.kernel.errors import BadRequest, Refused
from gerance.partners.mail.pasted import as_message
from gerance.partners.mail.proposing import partner_that_asks, propose
from gerance.partners.mail.reading import read_request
from gerance.partners.parameters.values import day
from gerance.partners.parameters.wrong import WrongParameter
from gerance.partners.proposals.deciding import approve, list_proposals, reject

MOST_MONTHS = 120
_DONE = ("approved", "rejected", "proposed")


async def show(request: Request, *, status: int = 200, message: str = "", **kept: str) -> Response:
    """Those that wait for an operator; `message`: what went wrong with the last act."""
    pool: Pool = request.app.state.pool
    async with pool.connection() as connection:
        found = await list_proposals(connection, language=spoken(request))
    done, number = request.query_params.get("done"), request.query_params.get("number", "")
    if done in _DONE and number.isdecimal() and not message:
        kept["notice"] = said(done, spoken(request), number[:12])
    return page(request, "proposals", status=status, proposals=found, message=message, **kept)


async def approve_one(request: Request) -> Response:
    """Do what is proposed, or what the operator says instead; then the list."""
    number, fields = _number(request), await form(request)
    pool: Pool = request.app.state.pool
    try:
        async with pool.connection() as connection:
            await approve(
                connection,
                request.app.state.writer,
                number,
                today=_today(request),
                actor=request.scope["principal"].uid,
                given=_given(request, fields),
            )
    except Refused as refused:
        return await show(request, status=refused.status, message=told(request, refused))
    return to(f"{HOME}?done=approved&number={number}")


async def reject_one(request: Request) -> Response:
    """Leave everything as it is; then the list."""
    number = _number(request)
    await form(request)
    pool: Pool = request.app.state.pool
    try:
        async with pool.connection() as connection:
            await reject(connection, number, actor=request.scope["principal"].uid)
    except Refused as refused:
        return await show(request, status=refused.status, message=told(request, refused))
    return to(f"{HOME}?done=rejected&number={number}")


async def paste(request: Request) -> Response:
    """Read a message into a proposal; the box again, with its text, where that is not possible."""
    text = (await form(request)).get("message", "")
    content = as_message(text.encode())
    pool: Pool = request.app.state.pool
    try:
        async with pool.connection() as connection:
            partner = await partner_that_asks(connection, content)
            read = read_request(content, _today(request))
            proposed = await propose(connection, partner, read, "operator")
    except Refused as refused:
        return await show(
            request, status=refused.status, message=told(request, refused), pasted=text
        )
    return to(f"{HOME}?done=proposed&number={proposed.number}")


def _number(request: Request) -> int:
    text = request.path_params["number"]
    if not text.isdecimal() or len(text) > 18:
        raise Refused("UnknownProposal", "There is no such proposal.", status=404)
    return int(text)


def _today(request: Request) -> date:
    return clock.today(ZoneInfo(request.app.state.settings.timezone))


def _given(request: Request, fields: dict[str, str]) -> dict[str, Any]:
    """What the operator says in place of the proposal. Raises BadRequest."""
    given: dict[str, Any] = {}
    if "for_good" in fields:
        given["months"] = None
    elif months := fields.get("months", "").strip():
        if not months.isdecimal() or not 0 < int(months[:6]) <= MOST_MONTHS:
            raise BadRequest(said("months wrong", spoken(request), MOST_MONTHS))
        given["months"] = int(months)
    if text := fields.get("date", "").strip():
        try:
            given["end_of_contract_date"] = day(text).isoformat()
        except WrongParameter:
            raise BadRequest(said("day wrong", spoken(request))) from None
    return given
