"""The page on which users change their password and end their sessions."""

from starlette.requests import Request
from starlette.responses import Response

from gerance.console.login import logged_out
from gerance.console.pages import form, page, spoken, to, told
from gerance.console.texts import rejection, said
from gerance.kernel.errors import BadRequest, Refused
from gerance.kernel.identity.own_account import change_own_password, end_own_sessions
from gerance.kernel.identity.passwords import MIN_LENGTH
from gerance.kernel.identity.sessions import token_in
from gerance.kernel.limits.address import client_address

HOME = "/console/account"
_MESSAGES = {
    "AuthenticationFailed": "current wrong",
    "PasswordRefused": "password weak",
    "TooManyAttempts": "throttled",
}


async def show(request: Request) -> Response:
    """The two forms."""
    done = "password changed" if "changed" in request.query_params else ""
    return page(request, "account", notice=said(done, spoken(request)) if done else "")


async def change_password(request: Request) -> Response:
    """A new password for the visitor; the other sessions of the account end."""
    fields = await form(request)
    try:
        if fields.get("new", "") != fields.get("again", ""):
            raise rejection(BadRequest, "passwords differ")
        await change_own_password(
            request.app.state.pool,
            request.scope["principal"],
            current=fields.get("current", ""),
            new=fields.get("new", ""),
            address=client_address(request.scope),
            session=token_in("; ".join(request.headers.getlist("cookie"))),
        )
    except Refused as refused:
        if refused.status >= 500:
            raise
        message = told(request, refused)
        if refused.code in _MESSAGES:
            message = said(_MESSAGES[refused.code], spoken(request), MIN_LENGTH)
        answer = page(request, "account", status=refused.status, message=message)
        answer.headers.update(refused.headers)
        return answer
    return to(f"{HOME}?changed=1")


async def end_sessions(request: Request) -> Response:
    """End all sessions of the visitor, this one too."""
    await form(request)
    await end_own_sessions(request.app.state.pool, request.scope["principal"])
    return logged_out(request)
