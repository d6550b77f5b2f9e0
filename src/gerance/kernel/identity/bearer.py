"""Who a request's `Authorization: Bearer <token>` stands for, known without asking the database.

Integrators are kept in memory until the version of the pseudo-set "integrator" says that one of
them has changed; tokens that were verified once are kept until they expire.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from gerance.kernel.db import Connection, Pool
from gerance.kernel.errors import Refused
from gerance.kernel.identity.tokens import BadToken, claimed_uid, verified
from gerance.kernel.wire import DateTime

TOKENS_KEPT = 4096
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


class _Known(msgspec.Struct, frozen=True):
    """An integrator and the key that signs its tokens."""

    integrator: Integrator
    signing_key: bytes


class _Verified(msgspec.Struct, frozen=True):
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
        self._known: dict[str, _Known] = {}
        self._verified: dict[str, _Verified] = {}

    async def integrator(self, authorization: str | None, generation: str) -> Integrator:
        """The integrator whose token is in the header.

        `generation`: the version of the pseudo-set "integrator", read for this request. Raises
        Refused (401 `Unauthorized`, WWW-Authenticate): no token, or one that is malformed, expired,
        signed with another key than the integrator's present one, or whose integrator is disabled.
        """
        token = _token_in(authorization)
        if generation != self._generation:
            await self._load(generation)
        seen = self._verified.get(token) or self._verify(token)
        known = self._known.get(seen.uid)
        if known is None or known.signing_key != seen.signing_key:
            self._verified.pop(token, None)
            raise _unknown()
        if seen.expires <= time.time():
            self._verified.pop(token, None)
            moment = DateTime.of(datetime.fromtimestamp(seen.expires, UTC))
            raise _refused(f"This token expired at {moment}: {_GET_ONE}")
        return known.integrator

    def _verify(self, token: str) -> _Verified:
        try:
            known = self._known.get(claimed_uid(token))
        except BadToken as bad:
            raise _refused(f"This is no token, {bad}: {_GET_ONE}") from bad
        if known is None:
            raise _unknown()
        try:
            claims = verified(token, known.signing_key)
        except BadToken as bad:
            raise _unknown() from bad
        seen = _Verified(claims.sub, known.signing_key, claims.exp)
        while len(self._verified) >= TOKENS_KEPT:
            del self._verified[next(iter(self._verified))]
        self._verified[token] = seen
        return seen

    async def _load(self, generation: str) -> None:
        async with self._loading:
            if generation == self._generation:
                return
            async with self._pool.brief() as connection:
                rows = await (await connection.execute(_ENABLED)).fetchall()
            # Read after the generation was, so at least as new as it says.
            self._known = {row[0]: _known(*row) for row in rows}
            self._generation = generation


async def enabled_integrators(connection: Connection, uids: Iterable[str]) -> dict[str, Integrator]:
    """Those of these integrators that are not disabled, by uid, with the rights they have now."""
    rows = await connection.execute(f"{_ENABLED} AND uid = ANY(%s::uuid[])", [list(uids)])
    return {row[0]: _known(*row).integrator for row in await rows.fetchall()}


_ENABLED = (
    "SELECT uid::text, name, user_name, read_only, incidents, partners, sets, places, signing_key"
    " FROM integrator WHERE NOT disabled"
)


def _known(
    uid: str,
    name: str,
    user_name: str,
    read_only: bool,
    incidents: bool,
    partners: bool,
    sets: list[str] | None,
    places: list[dict[str, int]] | None,
    signing_key: bytes,
) -> _Known:
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
    return _Known(integrator, bytes(signing_key))


def _token_in(authorization: str | None) -> str:
    if authorization is None or not authorization.strip():
        raise _refused(f"The header Authorization: Bearer <token> is missing: {_GET_ONE}", error="")
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _refused(f"Authorization: expected Bearer <token>: {_GET_ONE}", error="")
    return token.strip()


def _unknown() -> Refused:
    return _refused(
        "This token is unknown: its integrator has a new key since, is disabled or is not there;"
        f" {_GET_ONE}"
    )


def _refused(message: str, *, error: str = ' error="invalid_token"') -> Refused:
    headers = {"WWW-Authenticate": f"Bearer{error}"}
    return Refused("Unauthorized", message, status=401, headers=headers)
