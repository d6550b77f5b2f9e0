"""Tokens of integrators: JWT, HS256, each integrator's signed with a key of its own.

They live for 24 hours and are never renewed: their owner asks for another (reference/002, Q3).
"""

import re

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

LIFETIME_SECONDS = 86_400
MAX_LENGTH = 2048
_ISSUER = "gerance"
_ALGORITHM = "HS256"
# The library's base64 skips what is none, so one token would have many spellings.
_COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


class TokenClaims(msgspec.Struct, frozen=True):
    """What a token says. `sub`: the integrator's uid; `iat`, `exp`: seconds since 1970."""

    sub: str
    iat: int
    exp: int
    iss: str


class BadToken(ValueError):
    """This is no token, or not one signed with this key; the message says why."""


def sign(uid: str, signing_key: bytes, *, now: float) -> tuple[str, int]:
    """A token of the integrator, and when it expires (seconds since 1970)."""
    claims = TokenClaims(uid, int(now), int(now) + LIFETIME_SECONDS, _ISSUER)
    token = jwt.encode(
        {"alg": _ALGORITHM},
        msgspec.structs.asdict(claims),
        OctKey.import_key(signing_key),
        algorithms=[_ALGORITHM],
    )
    return token, claims.exp


def claimed_uid(token: str) -> str:
    """Whose token it says it is: nothing is proven yet. Raises BadToken."""
    if len(token) > MAX_LENGTH or not _COMPACT.fullmatch(token):
        raise BadToken("it has not the form of a JWT")
    try:
        claims = msgspec.json.decode(jws.extract_compact(token.encode()).payload, type=TokenClaims)
    except (JoseError, ValueError, RecursionError, msgspec.MsgspecError) as malformed:
        raise BadToken("it cannot be read") from malformed
    return claims.sub


def verify_token(token: str, signing_key: bytes) -> TokenClaims:
    """What a token says that was signed with this key, expired or not. Raises BadToken."""
    try:
        decoded_token = jwt.decode(token, OctKey.import_key(signing_key), algorithms=[_ALGORITHM])
        claims = msgspec.convert(decoded_token.claims, TokenClaims)
    except (JoseError, ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise BadToken("it is not signed with this key") from error
    if claims.iss != _ISSUER:
        raise BadToken("it is from somebody else")
    return claims
