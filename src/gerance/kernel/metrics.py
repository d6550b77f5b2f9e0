"""What is counted, for Prometheus: requests, commands, the connection pool.

With several worker processes `PROMETHEUS_MULTIPROC_DIR` must be set before this module is
imported (`gerance serve` does): each process then writes there, and `render` adds them up.
"""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

REQUESTS = Counter(
    "gerance_http_requests_total", "Answered requests.", ["method", "route", "status"]
)
LATENCY = Histogram(
    "gerance_http_request_seconds",
    "Time from a request to the end of its answer.",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
COMMANDS = Counter(
    "gerance_commands_total",
    "Commands by what they are about and what became of them.",
    ["category", "outcome"],
)
REACTIONS = Counter(
    "gerance_reactions_total",
    "Reactions to events by what they were to do and what became of them.",
    ["reaction", "outcome"],
)
DELIVERIES = Counter(
    "gerance_deliveries_total",
    "Calls to endpoints by the form of their message and what became of them.",
    ["flavour", "outcome"],
)
SECURITY = Counter(
    "gerance_security_events_total", "Lines of the security log by event.", ["event"]
)
POOL = Gauge(
    "gerance_db_pool",
    "Connections of the pool (size, available) and requests that wait for one (waiting).",
    ["state"],
    multiprocess_mode="livesum",
)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answered request. `route`: its template, never the path with its uids."""
    # A client may send any word as its method: each label would stay for ever.
    method = method if method in _METHODS else "other"
    _requests(method, route, status).inc()
    _latency(method, route).observe(seconds)


# A look-up of labels takes as long as all the rest.
_requests = cache(lambda method, route, status: REQUESTS.labels(method, route, str(status)))
_latency = cache(lambda method, route: LATENCY.labels(method, route))


def count_command(category: str, outcome: str) -> None:
    """Count a command. `category`: of its aggregate, e.g. ticket; `outcome`: accepted, dry-run, or
    the error code it was refused with."""
    COMMANDS.labels(category, outcome).inc()


def count_reaction(reaction: str, outcome: str) -> None:
    """Count a reaction to an event. `outcome`: done, or the code of what was in the way."""
    REACTIONS.labels(reaction, outcome).inc()


def count_delivery(flavour: str, outcome: str) -> None:
    """Count a call to an endpoint. `outcome`: delivered, failed, dead or withheld."""
    DELIVERIES.labels(flavour, outcome).inc()


def count_security_event(event: str) -> None:
    """Count a line of the security log (`docs/reference/security-log.md`)."""
    SECURITY.labels(event).inc()


def record_pool(stats: Mapping[str, int]) -> None:
    """Note the state of the pool, as `psycopg_pool`'s `get_stats()` gives it."""
    POOL.labels("size").set(stats.get("pool_size", 0))
    POOL.labels("available").set(stats.get("pool_available", 0))
    POOL.labels("waiting").set(stats.get("requests_waiting", 0))


def render() -> tuple[bytes, str]:
    """The text that Prometheus reads, and its content type."""
    registry = REGISTRY
    if multiprocess_dir := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        _forget_dead_processes(Path(multiprocess_dir))
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST


def _forget_dead_processes(multiprocess_dir: Path) -> None:
    """Drop the gauges of worker processes that ended; what they counted stays."""
    for pid in {
        int(path.stem.rsplit("_", 1)[1]) for path in multiprocess_dir.glob("gauge_live*_*.db")
    }:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]
