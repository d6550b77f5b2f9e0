"""The page on which users change their password and close their sessions."""

from starlette.requests import Request
from starlette.responses import Response

from gerance.console.login import logged_out
from gerance.console.pages import error_message, form, language_of_visitor, page, redirect
from gerance.console.texts import rejection, translate
from gerance.kernel.errors import BadRequest, Rejection
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
    """The forms."""
    password_changed = "changed" in request.query_params
    notice = translate("password changed", language_of_visitor(request)) if password_changed else ""
    return page(request, "account", notice=notice)


async def change_password(request: Request) -> Response:
    """Change the password of the visitor. The other sessions of the account end."""
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
    except Rejection as error:
        if error.status >= 500:
            raise
        message = error_message(request, error)
        if error.code in _MESSAGES:
            message = translate(_MESSAGES[error.code], language_of_visitor(request), MIN_LENGTH)
        answer = page(request, "account", status=error.status, message=message)
        answer.headers.update(error.headers)
        return answer
    return redirect(f"{HOME}?changed=1")


async def end_sessions(request: Request) -> Response:
    """End all sessions of the visitor, including this one."""
    await form(request)
    await end_own_sessions(request.app.state.pool, request.scope["principal"])
    return logged_out(request)
