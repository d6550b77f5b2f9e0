"""What the connections of one process share: how many there are, their deadlines, their bodies."""

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
"""How often deadlines are looked at: none is kept more exactly."""
OTHER_DESCRIPTORS = 256
"""Descriptors that are left to the database, deliveries, partners' files and logs."""

_log = structlog.get_logger("gerance.http")


class Config(uvicorn.Config):
    """uvicorn's, and the settings of the installation. `tls`: what connections are secured with,
    by `gerance.cli.server.handshake` rather than by the event loop."""

    settings: Settings | None = None
    tls: ssl.SSLContext | None = None

    def load(self) -> None:
        super().load()
        self.tls, self.ssl = self.ssl, None


class Guest(Protocol):
    """A connection, as the gate sees it."""

    deadline: float

    def expire(self, now: float) -> None:
        """Its deadline is over."""

    def close_idle(self) -> None:
        """Close it: another client needs its place."""

    def drop_body(self) -> None:
        """End its request, whose body is not complete: there is no room left for it."""


class Gate:
    """One for each server of a process.

    `waiting`: connections without a complete request, the longest first; `bodies`: those whose
    body is not complete, the oldest first; `body_bytes`: what requests that are not answered hold.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.draining = False
        self.accepted = 0
        self.waiting: dict[Guest, None] = {}
        self.bodies: dict[Guest, None] = {}
        self.body_bytes = 0
        self.proxies = TrustedProxies(settings.forwarded_allow_ips)
        self._guests: dict[Guest, str | None] = {}
        self._networks: Counter[str] = Counter()
        self._most = _most_connections(settings)
        self._loop = asyncio.get_running_loop()
        self._sweeping: asyncio.TimerHandle | None = None

    def admit(self, guest: Guest, peer: str | None) -> str | None:
        """Count a new connection; why it is refused, None when it is not.

        When the process is full, the connection closes that has waited longest for a request.
        """
        self.accepted += 1
        if len(self._guests) >= self._most:
            oldest = next(iter(self.waiting), None)
            if oldest is None:
                return "Busy"
            oldest.close_idle()
        network, refusal = None, None
        if peer is not None and not self.proxies.trusts(peer):
            network = network_of(peer)
            most = self.settings.max_connections_per_address
            if most and self._networks[network] >= most:
                network, refusal = None, "TooManyConnections"
            else:
                self._networks[network] += 1
        self._guests[guest] = network
        self.waiting[guest] = None
        if self._sweeping is None:
            self._sweeping = self._loop.call_later(SWEEP_SECONDS, self._sweep)
        return refusal

    def leave(self, guest: Guest) -> None:
        """The connection is closed, or about to be."""
        self.waiting.pop(guest, None)
        self.bodies.pop(guest, None)
        network = self._guests.pop(guest, None)
        if network is not None:
            self._networks[network] -= 1
            if not self._networks[network]:
                del self._networks[network]

    def hold(self, size: int) -> None:
        """Some bytes of a body came; when all bodies are too much, the oldest incomplete one goes.

        Complete ones are at work, and are released soon.
        """
        self.body_bytes += size
        while self.body_bytes > self.settings.max_pending_body_bytes and self.bodies:
            next(iter(self.bodies)).drop_body()

    def release(self, size: int) -> None:
        """A request with so many bytes of body is over."""
        self.body_bytes -= size

    def _sweep(self) -> None:
        now = self._loop.time()
        for guest in [each for each in self._guests if each.deadline <= now]:
            guest.expire(now)
        self._sweeping = None
        if self._guests:
            self._sweeping = self._loop.call_later(SWEEP_SECONDS, self._sweep)


def gate_of(state: ServerState, config: uvicorn.Config) -> Gate:
    """The gate of a server, made for its first connection."""
    gate = _gates.get(state)
    if gate is None:
        settings = config.settings if isinstance(config, Config) else None
        gate = _gates[state] = Gate(settings or Settings(home=Path()))
    return gate


_gates: WeakKeyDictionary[ServerState, Gate] = WeakKeyDictionary()


def raise_descriptor_limit() -> None:
    """Let this process open as many files as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError) as failure:
            _log.warning("descriptor limit stays", soft=soft, hard=hard, reason=str(failure))


def _most_connections(settings: Settings) -> int:
    """As the settings say, and no more than there are descriptors for."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return settings.max_connections
    return min(settings.max_connections, max(soft - OTHER_DESCRIPTORS, soft // 2))
