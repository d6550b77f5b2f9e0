"""The limits that the connections of a process share: their number, deadlines and bodies."""

import asyncio
import resource
import ssl
from collections import Counter
from pathlib import Path
from typing import Protocol
from weakref import WeakKeyDictionary

import structlog
import uvicorn
from uvicorn.server import ServerState

from gerance.kernel.limits.address import TrustedProxies, network_of
from gerance.kernel.settings import Settings

SWEEP_SECONDS = 0.25
"""The interval at which deadlines are checked, and thus their precision."""
OTHER_DESCRIPTORS = 256
"""Descriptors reserved for the database, deliveries, partners' files and logs."""

_log = structlog.get_logger("gerance.http")


class Config(uvicorn.Config):
    """The configuration of uvicorn with the settings of the installation.

    `tls`: the context with which `gerance.cli.server.handshake` secures connections.
    """

    settings: Settings | None = None
    tls: ssl.SSLContext | None = None

    def load(self) -> None:
        super().load()
        self.tls, self.ssl = self.ssl, None


class Guest(Protocol):
    """A connection that the gate counts."""

    deadline: float

    def expire(self, now: float) -> None:
        """Called when the deadline has passed."""

    def close_idle(self) -> None:
        """Close it: another client needs its place."""

    def drop_body(self) -> None:
        """End its request, whose body is incomplete: there is no memory left for it."""


class Gate:
    """The connections of one server in a process.

    `idle`: connections without a complete request, the oldest first; `bodies`: those whose body is
    incomplete, the oldest first; `body_bytes`: the bytes of requests without an answer.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.draining = False
        self.accept_count = 0
        self.idle: dict[Guest, None] = {}
        self.bodies: dict[Guest, None] = {}
        self.body_bytes = 0
        self.proxies = TrustedProxies(settings.forwarded_allow_ips)
        self._guests: dict[Guest, str | None] = {}
        self._networks: Counter[str] = Counter()
        self._most = _most_connections(settings)
        self._loop = asyncio.get_running_loop()
        self._sweep_timer: asyncio.TimerHandle | None = None

    def admit(self, guest: Guest, peer: str | None) -> str | None:
        """Count a new connection; the code of its rejection, None when it is admitted.

        When the process is full, the connection that has been idle longest is closed.
        """
        self.accept_count += 1
        if len(self._guests) >= self._most:
            oldest = next(iter(self.idle), None)
            if oldest is None:
                return "Busy"
            oldest.close_idle()
        network, rejection = None, None
        if peer is not None and not self.proxies.trusts(peer):
            network = network_of(peer)
            most = self.settings.max_connections_per_address
            if most and self._networks[network] >= most:
                network, rejection = None, "TooManyConnections"
            else:
                self._networks[network] += 1
        self._guests[guest] = network
        self.idle[guest] = None
        if self._sweep_timer is None:
            self._sweep_timer = self._loop.call_later(SWEEP_SECONDS, self._sweep)
        return rejection

    def leave(self, guest: Guest) -> None:
        """Stop counting a connection that is closed, or about to be."""
        self.idle.pop(guest, None)
        self.bodies.pop(guest, None)
        network = self._guests.pop(guest, None)
        if network is not None:
            self._networks[network] -= 1
            if not self._networks[network]:
                del self._networks[network]

    def hold(self, size: int) -> None:
        """Count bytes of a body. Over the limit, the oldest incomplete body is dropped.

        Complete bodies are being processed and will be released soon.
        """
        self.body_bytes += size
        while self.body_bytes > self.settings.max_pending_body_bytes and self.bodies:
            next(iter(self.bodies)).drop_body()

    def release(self, size: int) -> None:
        """Release the bytes of a request that has been answered."""
        self.body_bytes -= size

    def _sweep(self) -> None:
        now = self._loop.time()
        for guest in [each for each in self._guests if each.deadline <= now]:
            guest.expire(now)
        self._sweep_timer = None
        if self._guests:
            self._sweep_timer = self._loop.call_later(SWEEP_SECONDS, self._sweep)


def gate_of(state: ServerState, config: uvicorn.Config) -> Gate:
    """The gate of a server, created with its first connection."""
    gate = _gates.get(state)
    if gate is None:
        settings = config.settings if isinstance(config, Config) else None
        gate = _gates[state] = Gate(settings or Settings(home=Path()))
    return gate


_gates: WeakKeyDictionary[ServerState, Gate] = WeakKeyDictionary()


def raise_descriptor_limit() -> None:
    """Raise the limit of open files to the maximum of the system."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError) as failure:
            _log.warning("descriptor limit not raised", soft=soft, hard=hard, reason=str(failure))


def _most_connections(settings: Settings) -> int:
    """The limit of the settings, but no more than there are descriptors for."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return settings.max_connections
    return min(settings.max_connections, max(soft - OTHER_DESCRIPTORS, soft // 2))
