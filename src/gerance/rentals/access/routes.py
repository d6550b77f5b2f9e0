"""Tokens: an integrator's key, user name and password for a day of requests."""

import time
from datetime import UTC, datetime

import msgspec
from starlette.responses import Response

from gerance.kernel import keyring
from gerance.kernel.accept import media_quality
from gerance.kernel.errors import Rejection
from gerance.kernel.fold import fold
from gerance.kernel.http.body import SMALL, decode_without_case, read_body
from gerance.kernel.http.endpoint import Call, Endpoint
from gerance.kernel.identity.bad_tokens import BadTokens
from gerance.kernel.identity.integrators import hash_of_key
from gerance.kernel.identity.passwords import password_fits
from gerance.kernel.identity.security_log import record
from gerance.kernel.identity.throttle import LoginAttempt
from gerance.kernel.identity.tokens import sign
from gerance.kernel.limits.address import client_address, client_network
from gerance.kernel.limits.rates import note_login
from gerance.kernel.odata.errors import error_response
from gerance.kernel.stored_secrets import SIGNING_KEY
from gerance.kernel.wire import DateTime, encode
from gerance.rentals.access.notice import notice

KEY_HEADER = "x-api-key"


class TokenRequest(msgspec.Struct, rename="pascal"):
    """What an integrator proves itself with, beside its key."""

    user_name: str
    password: str


class Token(msgspec.Struct, rename="camel"):
    """A token, to be sent as `Authorization: Bearer <token>`; no refresh token comes with it."""

    token: str
    token_type: str
    expires_at: DateTime


async def give_token(call: Call) -> Response:
    """200 with a token; 401 whatever it is that does not fit."""
    key = call.request.headers.get(KEY_HEADER, "").strip()
    if not key:
        raise _unauthorized(f"The header {KEY_HEADER} is missing: it carries your API key.")
    credentials = await _token_request(call)
    uid, signing_key = await _verify(call, hash_of_key(key), credentials)
    note_login(call.request.scope, f"integrator {uid}")
    async with call.pool.brief() as connection:
        headers = await notice(connection, uid)
    token, expires = sign(uid, signing_key, now=time.time())
    accept = ",".join(call.request.headers.getlist("accept"))
    if media_quality(accept, "text/plain") > media_quality(accept, "application/json"):
        return Response(token, headers=headers, media_type="text/plain")
    answer = Token(token, "Bearer", DateTime.of(datetime.fromtimestamp(expires, UTC)))
    return Response(encode(answer), headers=headers, media_type="application/json")


async def _token_request(call: Call) -> TokenRequest:
    """The body; the names of its members are read without case (reference/002, Q3)."""
    body = await read_body(call.request, limit=min(call.settings.max_body_bytes, SMALL))
    return decode_without_case(TokenRequest, body)


async def _verify(call: Call, key_hash: bytes, credentials: TokenRequest) -> tuple[str, bytes]:
    """Uid and signing key of the integrator. Raises Rejection: 401, 429 for one who guesses.

    The key is checked first: without it no failure of the integrator is counted, so no other client
    can exhaust its limits.
    """
    address = client_address(call.request.scope)
    async with call.pool.brief() as connection:
        rows = await connection.execute(_BY_KEY, [key_hash])
        row = await rows.fetchone()
    if row is None:
        rejection = call.instance(BadTokens).rejected(
            _wrong(), door="integrator", address=address, cause="unknown key"
        )
        if rejection.status == 401:
            await _as_long(call, credentials)
        raise rejection
    uid, signing_key, user_name, password_hash, disabled = row
    if disabled:
        await _as_long(call, credentials)
        record("disabled_credential_used", door="integrator", principal=user_name, address=address,
               cause="integrator disabled")  # fmt: skip
        raise _wrong()
    attempt = LoginAttempt("integrator", uid, user_name, address)
    await attempt.admit(call.pool)
    same = fold(user_name) == fold(credentials.user_name)
    fits = await password_fits(
        password_hash if same else None, credentials.password, attempt.network
    )
    async with call.pool.brief() as connection:
        await attempt.require_unthrottled(connection)
        if not fits:
            await attempt.failed(connection, "wrong password" if same else "wrong user name")
            raise _wrong()
        await attempt.succeeded(connection)
    return uid, keyring.decrypt_bytes(SIGNING_KEY, uid, bytes(signing_key))


async def _as_long(call: Call, credentials: TokenRequest) -> None:
    """Take as long as a wrong password takes."""
    await password_fits(None, credentials.password, client_network(call.request.scope))


_BY_KEY = (
    "SELECT uid::text, signing_key, user_name, password_hash, disabled"
    " FROM integrator WHERE key_hash = %s"
)


def _wrong() -> Rejection:
    return _unauthorized("The key, the user name or the password is wrong.")


def _unauthorized(message: str) -> Rejection:
    return Rejection("Unauthorized", message, headers={"WWW-Authenticate": "Bearer"})


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/api/Token",
        handler=give_token,
        summary="Get a token",
        description=(
            "The header `x-api-key` carries the integrator's key. The token lives for 24 hours:"
            " send it as `Authorization: Bearer <token>`. With `Accept: text/plain` the answer is"
            " the bare token. The names of the body's members are read without case. The header"
            " `Gerance-Notice` of the answer names webhook endpoints that are switched off."
        ),
        tag="Tokens",
        body=TokenRequest,
        answers={200: Token},
        also=("text/plain",),
        public=True,
        scheme="apiKey",
        render=error_response,
        error_schema="ODataError",
    ),
)
