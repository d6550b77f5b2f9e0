"""Passwords: argon2id with the library's defaults, checked off the event loop.

A check costs tens of megabytes and milliseconds by design, so only a few run at once.
"""

from functools import lru_cache

import anyio
from anyio.to_thread import run_sync
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10
MAX_LENGTH = 1024

_hasher = PasswordHasher()
_limiter: anyio.CapacityLimiter | None = None


def hash_password(password: str) -> str:
    """The hash to keep. Raises ValueError for a password too short or too long."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise ValueError(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.")
    return _hasher.hash(password)


async def password_fits(password_hash: str | None, password: str) -> bool:
    """Whether the password is right; takes the same time when there is no account (None)."""
    global _limiter
    if _limiter is None:
        _limiter = anyio.CapacityLimiter(4)
    fits = await run_sync(_verify, password_hash, password, limiter=_limiter)
    return fits and password_hash is not None


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        return _hasher.verify(password_hash or _of_nobody(_hasher), password[:MAX_LENGTH])
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _of_nobody(hasher: PasswordHasher) -> str:
    return hasher.hash("the password of nobody")
