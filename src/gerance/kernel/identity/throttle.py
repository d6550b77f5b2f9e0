"""Throttling of password guesses, counted in the database so that all processes count alike.

Three limits apply to the failures of a login:

- from one network: after PER_LOGIN failures within a day, its attempts from there are checked one
  after the other, with a delay after each failure that doubles up to LONGEST_SPACING_SECONDS. A few
  wait for their turn, others are rejected. The right password succeeds when its turn comes.
- from all other networks together: after PER_ACCOUNT failures within a day, a delay after each
  failure that doubles up to LONGEST_DELAY_SECONDS. It does not apply to a network from which the
  login succeeded within KNOWN_DAYS: guesses from elsewhere do not lock an owner out.
- from one network for all logins together: after PER_ADDRESS failures within WINDOW_SECONDS,
  logins that never succeeded from there are checked one after the other, slowly (`SlowLane`). The
  right password still succeeds.

One-time codes are short: after PER_LOGIN failures within a day, from all networks together, one
attempt in LONGEST_DELAY_SECONDS.

A network is an IPv4 address or an IPv6 /64. Rejected attempts are not counted: a limit does not
feed itself.
"""

import asyncio
import math
from typing import Literal, NamedTuple

import msgspec

from gerance.kernel import locks, sql_files
from gerance.kernel.db import Connection, Pool
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.security_log import record
from gerance.kernel.limits.address import network_of

_SQL = sql_files.load(__name__)

WINDOW_SECONDS = 300
PER_LOGIN = 10
PER_ADDRESS = 50
PER_ACCOUNT = 20
LONGEST_DELAY_SECONDS = 300
LONGEST_SPACING_SECONDS = 20
MOST_WAITING = 3
LONGEST_WAIT_SECONDS = 60
"""Attempts on one login from one network that wait for their turn in a process, and how long."""
KNOWN_DAYS = 90
MAX_KEY = 320

Limit = Literal["login", "account", "address"]


class SlowLane:
    """Lets the attempts of one network pass one after the other, `SPACING` seconds apart."""

    SPACING = 3.0
    LONGEST_WAIT = 12.0

    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    async def wait(self, network: str) -> bool:
        """Wait for the turn of this attempt; False at once when it is too far away."""
        now = asyncio.get_running_loop().time()
        self._last = {key: at for key, at in self._last.items() if at > now}
        turn = self._last.get(network, now) + self.SPACING
        if turn - now > self.LONGEST_WAIT:
            return False
        self._last[network] = turn
        await asyncio.sleep(turn - now)
        return True


_lane = SlowLane()


class _Line:
    """The attempts on one login from one network, in this process."""

    def __init__(self) -> None:
        self.first = asyncio.Lock()
        self.length = 0


_lines: dict[str, _Line] = {}


class LoginAttempt(msgspec.Struct):
    """A log-in under way.

    `door`: what is logged in to (`user`, `integrator`, `sftp`, `code`); `login`: what failures are
    counted by; `principal`: what the security log names; `address`: the client's; `is_counted`: it
    waited for its turn, and was counted as a failure then, before its password was checked.
    """

    door: str
    login: str
    principal: str
    address: str
    is_counted: bool = False

    @property
    def key(self) -> str:
        return f"{self.door} {self.login}"[:MAX_KEY]

    @property
    def network(self) -> str:
        return network_of(self.address)

    async def admit(self, pool: Pool) -> None:
        """Wait where the network guesses. Raises Rejection (429 `TooManyAttempts`, Retry-After).

        Call it before the password is checked, outside a connection.
        """
        async with pool.brief() as connection:
            failures = await self._failures(connection)
        self._require_rest(failures)
        crowded = failures.of_network >= PER_ADDRESS and not failures.is_known
        if crowded and not await _lane.wait(self.network):
            raise self.throttled("address", math.ceil(_lane.LONGEST_WAIT))
        if failures.here >= PER_LOGIN:
            await self._wait_in_line(pool)

    async def require_unthrottled(self, connection: Connection) -> None:
        """Raises Rejection (429) when a limit was reached meanwhile. Call it after the password was
        checked: guesses that were under way at the same time count one another."""
        failures = await self._failures(connection)
        self._require_rest(failures)
        if failures.here >= PER_LOGIN and not self.is_counted:
            raise self.throttled("login", math.ceil(_spacing(failures.here)))

    async def require_code_unthrottled(self, connection: Connection) -> None:
        """The same for a one-time code: call it before the code is checked."""
        failures = await self._failures(connection)
        wait = LONGEST_DELAY_SECONDS - min(failures.here_age, failures.elsewhere_age)
        if failures.here + failures.elsewhere >= PER_LOGIN and wait > 0:
            raise self.throttled("login", math.ceil(wait))

    def _require_rest(self, failures: "_Failures") -> None:
        wait = _delay(failures.elsewhere - PER_ACCOUNT, LONGEST_DELAY_SECONDS)
        wait -= failures.elsewhere_age
        if not failures.is_known and wait > 0:
            raise self.throttled("account", math.ceil(wait))

    async def _wait_in_line(self, pool: Pool) -> None:
        """Wait for the turn of this attempt and count it as a failure, so that no process lets
        another one pass meanwhile. Raises Rejection (429)."""
        place = f"{self.network} {self.key}"
        line = _lines.setdefault(place, _Line())
        line.length += 1
        try:
            if line.length > MOST_WAITING:
                raise self.throttled("login", LONGEST_SPACING_SECONDS)
            async with asyncio.timeout(LONGEST_WAIT_SECONDS), line.first:
                # Another process may take the turn that this one waits for.
                while (wait := await self._turn(pool)) > 0:  # noqa: ASYNC110
                    await asyncio.sleep(wait)
        except TimeoutError as late:
            raise self.throttled("login", LONGEST_SPACING_SECONDS) from late
        finally:
            line.length -= 1
            if not line.length:
                _lines.pop(place, None)

    async def _turn(self, pool: Pool) -> float:
        """Seconds until the next turn; 0 when it is this attempt's, which is then counted."""
        async with pool.brief() as connection, connection.transaction():
            await locks.hold(connection, locks.turns_of(self.key, self.network))
            failures = await self._failures(connection)
            wait = _spacing(failures.here) - failures.here_age
            if wait <= 0:
                await self._count(connection)
                self.is_counted = True
        return wait

    async def _failures(self, connection: Connection) -> "_Failures":
        cursor = await connection.execute(
            _SQL["count_failures"],
            {
                "key": self.key,
                "network": self.network,
                "window": WINDOW_SECONDS,
                "known": KNOWN_DAYS,
            },
        )
        row = await cursor.fetchone()
        assert row is not None
        return _Failures(*row)

    async def failed(self, connection: Connection, cause: str) -> None:
        """Count one more failure; forgets those of more than a day ago."""
        record(
            "login_failed",
            door=self.door,
            principal=self.principal,
            address=self.address,
            cause=cause,
        )
        if not self.is_counted:
            await self._count(connection)

    async def _count(self, connection: Connection) -> None:
        await connection.execute(
            "WITH over AS (DELETE FROM login_failure WHERE at < now() - interval '1 day')"
            " INSERT INTO login_failure (key, address) VALUES (%s, %s)",
            [self.key, self.network],
        )

    async def succeeded(self, connection: Connection) -> None:
        """Forget the failures of this login from here, and remember that it succeeded from here."""
        record("login_succeeded", door=self.door, principal=self.principal, address=self.address)
        await connection.execute(
            _SQL["remember_network"],
            {"key": self.key, "network": self.network, "known": KNOWN_DAYS},
        )

    async def forget(self, connection: Connection) -> None:
        """Forget the failures of this login from here."""
        await connection.execute(
            "DELETE FROM login_failure WHERE key = %s AND address = %s", [self.key, self.network]
        )

    def throttled(self, limit: Limit, seconds: int) -> Rejection:
        """The rejection of this attempt. `limit`: the one that was reached."""
        record(
            "login_throttled",
            door=self.door,
            principal=self.principal,
            address=self.address,
            cause=limit,
        )
        return too_many_attempts(seconds)


def too_many_attempts(seconds: int) -> Rejection:
    """429 with the seconds to wait."""
    return Rejection(
        "TooManyAttempts",
        headers={"Retry-After": str(max(1, seconds))},
    )


class _Failures(NamedTuple):
    """Failures within a day of a login from here and from elsewhere, the seconds since the newest
    of each; those of its network within WINDOW_SECONDS; whether it succeeded from there."""

    here: int
    here_age: float
    elsewhere: int
    elsewhere_age: float
    of_network: int
    is_known: bool


def _spacing(here: int) -> float:
    return _delay(here - PER_LOGIN, LONGEST_SPACING_SECONDS)


def _delay(beyond: int, longest: int) -> float:
    """Seconds after the newest failure, the first one `beyond` the limit being 0."""
    return 0.0 if beyond < 0 else float(min(longest, 2 ** min(beyond, 30)))
