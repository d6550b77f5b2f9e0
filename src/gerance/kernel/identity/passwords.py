"""Passwords: argon2id with the library's defaults, checked off the event loop.

A check costs tens of megabytes and milliseconds by design, so only a few run at once. The others
wait in a queue, in which clients take turns by network, and not longer than QUEUE_SECONDS.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TypeVar
from weakref import WeakKeyDictionary

from anyio.to_thread import run_sync
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gerance.kernel.errors import Rejection, reject
from gerance.kernel.identity.password_strength import easy_to_guess
from gerance.kernel.text import normal

MIN_LENGTH = 10
MAX_LENGTH = 1024
AT_ONCE = 4
QUEUE_SECONDS = 10.0

T = TypeVar("T")

_hasher = PasswordHasher()
_allows_common: ContextVar[bool] = ContextVar("published passwords", default=False)


async def new_password_hash(password: str, *about: str | None) -> str:
    """The hash to store. `about`: login and names of the user and of the company, which a password
    must not repeat.

    Raises Rejection (`PasswordRefused`): too short, too long, or easy to guess.
    """
    password = normal(password)
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise reject("PasswordRefused", "length", least=MIN_LENGTH, most=MAX_LENGTH)
    strict = not _allows_common.get()
    return await _in_turn("", lambda: _checked_hash(password, about, strict=strict))


@contextmanager
def published_passwords() -> Iterator[None]:
    """Within the block a password may be easy to guess.

    For the demonstration alone: its passwords are published, and `serve` does not start while one
    of them is good.
    """
    before = _allows_common.set(True)
    try:
        yield
    finally:
        _allows_common.reset(before)


async def password_fits(password_hash: str | None, password: str, network: str = "") -> bool:
    """Whether the password is right; takes the same time when there is no account (None).

    `network`: the client's, for the turns. Raises Rejection (503 `LogInsBusy`, Retry-After): too
    many passwords wait for their check.
    """
    fits = await _in_turn(network, lambda: _verify(password_hash, normal(password)))
    return fits and password_hash is not None


def _checked_hash(password: str, about: Sequence[str | None], *, strict: bool) -> str:
    if strict and easy_to_guess(password, about):
        raise reject("PasswordRefused", "weak")
    return _hasher.hash(password)


class _Turns:
    """A bounded number of checks at once; the clients that wait take turns by network."""

    def __init__(self) -> None:
        self._running = 0
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}

    async def enter(self, network: str) -> None:
        """Wait for a turn. Raises TimeoutError after QUEUE_SECONDS."""
        if self._running < AT_ONCE:
            self._running += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(network, deque()).append(turn)
        try:
            async with asyncio.timeout(QUEUE_SECONDS):
                await turn
        except BaseException:
            # A cancellation too: the turn must not stay with a request that is gone.
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """Give the turn to the next network."""
        while self._queues:
            network = next(iter(self._queues))
            queue = self._queues.pop(network)
            turn = queue.popleft()
            if queue:
                self._queues[network] = queue
            if not turn.done():
                turn.set_result(None)
                return
        self._running -= 1


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns] = WeakKeyDictionary()


async def _in_turn(network: str, work: Callable[[], T]) -> T:
    """What `work` gives, in a thread. Raises Rejection (503 `LogInsBusy`)."""
    turns = _turns.setdefault(asyncio.get_running_loop(), _Turns())
    try:
        await turns.enter(network)
    except TimeoutError as timeout:
        raise Rejection(
            "LogInsBusy",
            headers={"Retry-After": "5"},
        ) from timeout
    try:
        return await run_sync(work)
    finally:
        turns.leave()


def _verify(password_hash: str | None, password: str) -> bool:
    nobody = _of_nobody(_hasher)
    try:
        return _hasher.verify(password_hash or nobody, password[:MAX_LENGTH])
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _of_nobody(hasher: PasswordHasher) -> str:
    return hasher.hash("the password of nobody")
