"""Throttling of password guesses, counted in the database so that all processes count alike.

Three limits apply to the failures of a login:

- from one network: PER_LOGIN failures within WINDOW_SECONDS, then none until the oldest is older;
- from all networks together: after PER_ACCOUNT failures within a day, a delay after each failure
  that doubles up to LONGEST_DELAY_SECONDS. It does not apply to a network from which the login
  succeeded within KNOWN_DAYS: guesses from elsewhere do not lock an owner out.
- from one network for all logins together: after PER_ADDRESS failures within WINDOW_SECONDS,
  logins that never succeeded from there are checked one after the other, slowly (`SlowLane`). The
  right password still succeeds.

A network is an IPv4 address or an IPv6 /64. Rejected attempts are not counted: a limit does not
feed itself.
"""

import asyncio
import math
from typing import Literal

import msgspec

from gerance.kernel.db import Connection, Pool
from gerance.kernel.errors import Refused
from gerance.kernel.identity.security_log import record
from gerance.kernel.limits.address import network_of

WINDOW_SECONDS = 300
PER_LOGIN = 10
PER_ADDRESS = 50
PER_ACCOUNT = 20
LONGEST_DELAY_SECONDS = 300
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


class Attempt(msgspec.Struct, frozen=True):
    """A log-in under way.

    `door`: what is logged in to (`user`, `integrator`, `sftp`); `login`: what failures are counted
    by; `principal`: what the security log names; `address`: the client's.
    """

    door: str
    login: str
    principal: str
    address: str

    @property
    def key(self) -> str:
        return f"{self.door} {self.login}"[:MAX_KEY]

    @property
    def network(self) -> str:
        return network_of(self.address)

    async def admit(self, pool: Pool) -> None:
        """Wait where the network guesses. Raises Refused (429 `TooManyAttempts`, Retry-After).

        Call it before the password is checked, outside a connection.
        """
        async with pool.connection() as connection:
            crowded = await self.require_unthrottled(connection)
        if crowded and not await _lane.wait(self.network):
            raise self.throttled("address", math.ceil(_lane.LONGEST_WAIT))

    async def require_unthrottled(self, connection: Connection) -> bool:
        """Whether its network has failed too often for a login that is new there.

        Raises Refused (429). Call it once more after the password was checked: guesses that were
        under way at the same time count one another.
        """
        cursor = await connection.execute(
            _FAILURES,
            {
                "key": self.key,
                "network": self.network,
                "window": WINDOW_SECONDS,
                "known": KNOWN_DAYS,
            },
        )
        row = await cursor.fetchone()
        assert row is not None
        here, oldest_age, everywhere, newest_age, of_network, known = row
        if here >= PER_LOGIN:
            raise self.throttled("login", math.ceil(WINDOW_SECONDS - oldest_age))
        if not known and (wait := delay_after(everywhere) - (newest_age or 0)) > 0:
            raise self.throttled("account", math.ceil(wait))
        return bool(of_network >= PER_ADDRESS and not known)

    async def failed(self, connection: Connection, cause: str) -> None:
        """Count one more failure; forgets those of more than a day ago."""
        record(
            "login_failed",
            door=self.door,
            principal=self.principal,
            address=self.address,
            cause=cause,
        )
        await connection.execute(
            "WITH over AS (DELETE FROM login_failure WHERE at < now() - interval '1 day')"
            " INSERT INTO login_failure (key, address) VALUES (%s, %s)",
            [self.key, self.network],
        )

    async def succeeded(self, connection: Connection) -> None:
        """Forget the failures of this login from here, and remember that it succeeded from here."""
        record("login_succeeded", door=self.door, principal=self.principal, address=self.address)
        await connection.execute(
            _REMEMBER, {"key": self.key, "network": self.network, "known": KNOWN_DAYS}
        )

    async def forget(self, connection: Connection) -> None:
        """Forget the failures of this login from here."""
        await connection.execute(
            "DELETE FROM login_failure WHERE key = %s AND address = %s", [self.key, self.network]
        )

    def throttled(self, limit: Limit, seconds: int) -> Refused:
        """The rejection of this attempt. `limit`: the one that was reached."""
        record(
            "login_throttled",
            door=self.door,
            principal=self.principal,
            address=self.address,
            cause=limit,
        )
        return too_many_attempts(seconds)


def too_many_attempts(seconds: int) -> Refused:
    """429 with the seconds to wait."""
    return Refused(
        "TooManyAttempts",
        "Too many log-ins failed. Wait for the seconds that Retry-After names.",
        status=429,
        headers={"Retry-After": str(max(1, seconds))},
    )


def delay_after(failures: int) -> float:
    """Seconds between attempts on a login that failed so often within a day, from anywhere."""
    if failures < PER_ACCOUNT:
        return 0
    return float(min(LONGEST_DELAY_SECONDS, 2 ** min(failures - PER_ACCOUNT, 30)))


_FAILURES = """
SELECT l.here, extract(epoch FROM now() - l.oldest)::float8, l.everywhere,
  extract(epoch FROM now() - l.newest)::float8,
  (SELECT count(*) FROM login_failure f WHERE f.address = %(network)s AND f.at > w.since),
  EXISTS (
    SELECT FROM login_address a WHERE a.key = %(key)s AND a.address = %(network)s
      AND a.seen > now() - make_interval(days => %(known)s)
  )
FROM (SELECT now() - make_interval(secs => %(window)s) AS since) w, LATERAL (
  SELECT count(*) AS everywhere, max(f.at) AS newest,
    count(*) FILTER (WHERE f.address = %(network)s AND f.at > w.since) AS here,
    min(f.at) FILTER (WHERE f.address = %(network)s AND f.at > w.since) AS oldest
  FROM login_failure f
  WHERE f.key = %(key)s AND f.at > now() - interval '1 day'
) l
"""

_REMEMBER = """
WITH forgotten AS (
  DELETE FROM login_failure WHERE key = %(key)s AND address = %(network)s
), old AS (
  DELETE FROM login_address WHERE (key, address) IN (
    SELECT key, address FROM login_address
    WHERE seen < now() - make_interval(days => %(known)s)
      AND (key, address) <> (%(key)s, %(network)s)
    FOR UPDATE SKIP LOCKED
  )
)
INSERT INTO login_address AS a (key, address) VALUES (%(key)s, %(network)s)
ON CONFLICT (key, address) DO UPDATE SET seen = now() WHERE a.seen < now() - interval '1 hour'
"""
