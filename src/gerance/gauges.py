"""What waits in the database, for Prometheus.

It is read when Prometheus asks, so that every admin port says the same, whichever process does the
work, and also when none does.
"""

from collections.abc import Iterator
from typing import NamedTuple

import psycopg
import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from gerance.kernel.db import brief_connection
from gerance.kernel.log.eventlog import STABLE

log = structlog.get_logger(__name__)

_MOST_SECONDS = 5


class _Gauge(NamedTuple):
    """A gauge: its labels, and SQL whose rows have their values and the gauge's."""

    name: str
    label_values: str
    labels: tuple[str, ...]
    sql: str


_GAUGES = (
    _Gauge(
        "gerance_endpoints",
        "Endpoints by the form of their message and their state.",
        ("flavour", "state"),
        "SELECT flavour, state, count(*) FROM endpoint GROUP BY 1, 2",
    ),
    _Gauge(
        "gerance_owed_deliveries",
        "Pending events of endpoints: untried, failing, or dead (given up).",
        ("flavour", "state"),
        "SELECT e.flavour, CASE WHEN o.failures = 0 THEN 'untried' WHEN o.due < 'infinity'"
        " THEN 'failing' ELSE 'dead' END, count(*)"
        " FROM outbox o JOIN endpoint e ON e.uid = o.endpoint GROUP BY 1, 2",
    ),
    _Gauge(
        "gerance_owed_pushes",
        "Billing files still to be pushed to partners: untried, failing, or dead (given up).",
        ("state",),
        "SELECT CASE WHEN due IS NULL THEN 'dead' WHEN failures > 0 THEN 'failing'"
        " ELSE 'untried' END, count(*) FROM partner_push WHERE done IS NULL GROUP BY 1",
    ),
    _Gauge(
        "gerance_reactions_behind_seconds",
        "Age of the oldest event that reactions have not looked at; 0 when there is none.",
        (),
        "SELECT coalesce((SELECT greatest(0, extract(epoch FROM now() - sent_date)) FROM event"
        f" WHERE (transaction_id, position) > (f.transaction_id, f.position) AND {STABLE}"
        " ORDER BY transaction_id, position LIMIT 1), 0) FROM follower f WHERE name = 'reactions'",
    ),
    _Gauge(
        "gerance_day_timestamp_seconds",
        "The day that rentals and the customers of partners are at: its beginning in UTC.",
        ("job",),
        "SELECT name, extract(epoch FROM day) FROM scheduled_job"
        " WHERE name IN ('rentals', 'partners')",
    ),
    _Gauge(
        "gerance_daily_job_stopped",
        "1 where a daily job waits for an operator to confirm the day, else 0.",
        ("job",),
        "SELECT name, (stopped IS NOT NULL)::integer FROM scheduled_job"
        " WHERE name IN ('rentals', 'partners')",
    ),
)


def render(database_url: str) -> bytes:
    """The text that Prometheus reads; empty when the database does not answer."""
    registry = CollectorRegistry()
    try:
        registry.register(_Read(database_url))
        return generate_latest(registry)
    except psycopg.Error as error:
        log.warning("what waits is not known", reason=str(error))
        return b""


class _Read(Collector):
    """Gauges as the database has them."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url

    def describe(self) -> list[GaugeMetricFamily]:
        """What it will give, for the registry: nothing is read for that."""
        return [_family(gauge) for gauge in _GAUGES]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with brief_connection(self._url, 2 * _MOST_SECONDS) as connection:
            connection.execute(
                "SELECT set_config('statement_timeout', %s, false)", [f"{_MOST_SECONDS}s"]
            )
            for gauge in _GAUGES:
                family = _family(gauge)
                for *labels, value in connection.execute(gauge.sql).fetchall():
                    family.add_metric(labels, float(value))
                yield family


def _family(gauge: _Gauge) -> GaugeMetricFamily:
    return GaugeMetricFamily(gauge.name, gauge.label_values, labels=gauge.labels)
