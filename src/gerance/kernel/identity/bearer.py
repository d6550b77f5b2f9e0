"""Who a request's `Authorization: Bearer <token>` stands for, known without asking the database.

Integrators are kept in memory until the version of the pseudo-set "integrator" says that one of
them has changed; tokens that were verified once are kept until they expire.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from gerance.kernel import keyring
from gerance.kernel.db import Connection, Pool
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.bad_tokens import BadTokens
from gerance.kernel.identity.security_log import record
from gerance.kernel.identity.tokens import BadToken, claimed_uid, verify_token
from gerance.kernel.limits.address import UNKNOWN
from gerance.kernel.stored_secrets import SIGNING_KEY
from gerance.kernel.wire import DateTime

CACHED_TOKENS = 4096
_GET_ONE = "get one from POST /api/Token."


class Integrator(msgspec.Struct, frozen=True, kw_only=True):
    """A client's program that uses the rental API, and its rights.

    `sets`: names of the entity sets that it may use, None for all; `places`: the companies and
    divisions that it sees (`company_no`, and `division_no` unless all of them), None for all;
    `incidents`, `partners`: it may read the sets of that side; `read_only`: it changes nothing.
    """

    uid: str
    name: str
    user_name: str
    read_only: bool
    incidents: bool
    partners: bool = False
    sets: frozenset[str] | None
    places: tuple[Mapping[str, int], ...] | None


class _Credentials(msgspec.Struct, frozen=True):
    """An integrator, the key that signs its tokens, and whether it is disabled."""

    integrator: Integrator
    signing_key: bytes
    disabled: bool


class _TokenClaims(msgspec.Struct, frozen=True):
    """A token that was signed with this key; `expires`: seconds since 1970."""

    uid: str
    signing_key: bytes
    expires: int


class Bearers:
    """Finds the integrators that tokens stand for."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._loading = asyncio.Lock()
        self._generation: str | None = None
        self._credentials: dict[str, _Credentials] = {}
        self._verified: dict[str, _TokenClaims] = {}
        self._bad_tokens = BadTokens()

    async def integrator(
        self, authorization: str | None, generation: str, address: str = UNKNOWN
    ) -> Integrator:
        """The integrator whose token is in the header.

        `generation`: the version of the pseudo-set "integrator", read for this request; `address`:
        the client's. Raises Rejection (401 `Unauthorized`, WWW-Authenticate): no token, or one that
        is malformed, expired, signed with another key than the integrator's present one, or whose
        integrator is disabled; 429 `TooManyAttempts` for a wrong token where the network of the
        client sent many of them.
        """
        token = _token_in(authorization)
        if generation != self._generation:
            await self._load(generation)
        try:
            return self._of(token, address)
        except _Wrong as wrong:
            raise self._bad_tokens.rejected(
                _rejection(wrong.message),
                door="bearer",
                address=address,
                cause=wrong.cause,
                principal=wrong.principal,
            ) from wrong

    async def valid(
        self, authorization: str | None, generation: str, address: str = UNKNOWN
    ) -> Integrator | None:
        """The integrator whose valid token is in the header, None without one. A wrong token does
        not count: it is for requests that were authenticated before."""
        if generation != self._generation:
            await self._load(generation)
        try:
            return self._of(_token_in(authorization), address)
        except (Rejection, _Wrong):
            return None

    def _of(self, token: str, address: str) -> Integrator:
        token_claims = self._verified.get(token) or self._verify(token, address)
        credentials = self._credentials.get(token_claims.uid)
        if (
            credentials is None
            or credentials.disabled
            or credentials.signing_key != token_claims.signing_key
        ):
            self._verified.pop(token, None)
            raise self._void(credentials, address)
        if token_claims.expires <= time.time():
            # Its owner asks for another one: this is not a wrong token.
            self._verified.pop(token, None)
            moment = DateTime.of(datetime.fromtimestamp(token_claims.expires, UTC))
            raise _rejection(f"This token expired at {moment}: {_GET_ONE}")
        return credentials.integrator

    def _verify(self, token: str, address: str) -> _TokenClaims:
        try:
            credentials = self._credentials.get(claimed_uid(token))
        except BadToken as bad:
            raise _Wrong(f"This is no token, {bad}: {_GET_ONE}", "malformed") from bad
        if credentials is None:
            raise self._void(None, address)
        try:
            claims = verify_token(token, credentials.signing_key)
        except BadToken as bad:
            raise self._void(credentials, address) from bad
        token_claims = _TokenClaims(claims.sub, credentials.signing_key, claims.exp)
        while len(self._verified) >= CACHED_TOKENS:
            del self._verified[next(iter(self._verified))]
        self._verified[token] = token_claims
        return token_claims

    def _void(self, credentials: _Credentials | None, address: str) -> Exception:
        """The rejection of a token that no integrator has, or no more."""
        message = (
            "This token is unknown: its integrator has a new key since, is disabled or is not"
            f" there; {_GET_ONE}"
        )
        if credentials is None:
            return _Wrong(message, "unknown integrator")
        name = credentials.integrator.user_name
        if credentials.disabled:
            record("disabled_credential_used", door="bearer", principal=name, address=address,
                   cause="integrator disabled")  # fmt: skip
            return _rejection(message)
        return _Wrong(message, "wrong signature", name)

    async def _load(self, generation: str) -> None:
        async with self._loading:
            if generation == self._generation:
                return
            async with self._pool.brief() as connection:
                rows = await (await connection.execute(_ALL)).fetchall()
            # Read after the generation was, so at least as new as it says.
            self._credentials = {row[0]: _credentials(*row) for row in rows}
            self._generation = generation


async def enabled_integrators(connection: Connection, uids: Iterable[str]) -> dict[str, Integrator]:
    """Those of these integrators that are not disabled, by uid, with the rights they have now."""
    rows = await connection.execute(
        f"{_ALL} WHERE NOT disabled AND uid = ANY(%s::uuid[])", [list(uids)]
    )
    return {row[0]: _credentials(*row).integrator for row in await rows.fetchall()}


class _Wrong(Exception):
    """A token that is not one of an integrator's; `cause`, `principal`: for the security log."""

    def __init__(self, message: str, cause: str, principal: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.cause = cause
        self.principal = principal


_ALL = (
    "SELECT uid::text, name, user_name, read_only, incidents, partners, sets, places, signing_key,"
    " disabled FROM integrator"
)


def _credentials(
    uid: str,
    name: str,
    user_name: str,
    read_only: bool,
    incidents: bool,
    partners: bool,
    sets: list[str] | None,
    places: list[dict[str, int]] | None,
    signing_key: bytes,
    disabled: bool,
) -> _Credentials:
    integrator = Integrator(
        uid=uid,
        name=name,
        user_name=user_name,
        read_only=read_only,
        incidents=incidents,
        partners=partners,
        sets=None if sets is None else frozenset(sets),
        places=None if places is None else tuple(places),
    )
    key = keyring.decrypt_bytes(SIGNING_KEY, uid, bytes(signing_key))
    return _Credentials(integrator, key, disabled)


def _token_in(authorization: str | None) -> str:
    if authorization is None or not authorization.strip():
        raise _rejection(
            f"The header Authorization: Bearer <token> is missing: {_GET_ONE}", error=""
        )
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _rejection(f"Authorization: expected Bearer <token>: {_GET_ONE}", error="")
    return token.strip()


def _rejection(message: str, *, error: str = ' error="invalid_token"') -> Rejection:
    headers = {"WWW-Authenticate": f"Bearer{error}"}
    return Rejection("Unauthorized", message, headers=headers)
