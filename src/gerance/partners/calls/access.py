"""Authentication of partners by `Authorization: Token token="..."` (reference/004)."""

import re
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Scope

from gerance.kernel.db import Pool
from gerance.kernel.errors import Rejection
from gerance.kernel.http.endpoint import Call
from gerance.kernel.identity.bad_tokens import BadTokens
from gerance.kernel.identity.security_log import record
from gerance.kernel.limits.address import client_address
from gerance.kernel.limits.rates import count_request
from gerance.partners.programme.tokens import hash_of_token

_HEADER = re.compile(
    r"""\s*token\s+token\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"',;]+))\s*(?:[,;].*)?""",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST = 512
_CALLER = (
    "SELECT p.code, CASE WHEN p.disabled THEN 'partner disabled'"
    " WHEN t.expires <= now() THEN 'token expired or revoked' END"
    " FROM partner_token t JOIN partner p ON p.code = t.partner WHERE t.hash = %s"
)


def token_in(authorization: str | None) -> str | None:
    """The token of the header, with or without quotes; None without a token."""
    row = _HEADER.fullmatch(authorization or "")
    token = next((each for each in row.groups() if each), None) if row else None
    return token if token is not None and len(token) <= _LONGEST else None


async def calling_partner(call: Call) -> str:
    """The code of the partner that sends the request.

    Raises Rejection: 401 without a valid token, 429 when the network has sent many wrong ones.
    """
    token = token_in(call.request.headers.get("authorization"))
    if token is None:
        raise _unauthorized()
    row = await _row_of(call.pool, token)
    address = client_address(call.request.scope)
    if row is None:
        raise call.instance(BadTokens).rejected(
            _unauthorized(), door="partner", address=address, cause="unknown token"
        )
    code, cause = row
    if cause is not None:
        record("disabled_credential_used", door="partner", principal=code, address=address,
               cause=cause)  # fmt: skip
        raise _unauthorized()
    call.request.scope["login"] = code
    count_request(call.request.scope, f"partner {code}")
    return code


async def partner_of(scope: Scope) -> str | None:
    """The principal of a request with a partner's valid token, for limits."""
    token = token_in(Headers(scope=scope).get("authorization"))
    row = None if token is None else await _row_of(scope["app"].state.pool, token)
    return None if row is None or row[1] is not None else f"partner {row[0]}"


async def _row_of(pool: Pool, token: str) -> tuple[str, str | None] | None:
    """The code of the partner that has a token, and why it may not use it."""
    async with pool.brief() as connection:
        rows = await connection.execute(_CALLER, [hash_of_token(token)])
        row = await rows.fetchone()
    return None if row is None else (str(row[0]), row[1])


def require_private(call: Call) -> None:
    """Raises Rejection (403 `PlainHttpRefused`) for plain HTTP, unless the settings allow it.

    The scheme is that of the connection, or the one that a trusted proxy forwards.
    """
    policy = call.settings.partners_plain_http
    if call.request.url.scheme == "https" or policy == "allow":
        return
    if policy == "loopback" and _from_here(call.request):
        return
    raise Rejection("PlainHttpRefused")


def _from_here(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _unauthorized() -> Rejection:
    return Rejection(
        "Unauthorized",
        'The token is missing, unknown or expired. Send Authorization: Token token="...".',
        french='Jeton absent, inconnu ou expiré. Envoyez Authorization: Token token="...".',
        headers={"WWW-Authenticate": 'Token realm="partners"'},
    )
