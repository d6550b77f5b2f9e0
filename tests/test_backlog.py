"""What waits in the database is seen by Prometheus, whichever process does the work."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from prometheus_client import REGISTRY

from gerance import gauges

PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "run-in-production.md"
DAY = date(2026, 11, 22)


@pytest.fixture
def owing(database: str) -> Iterator[str]:
    """A database with an endpoint that is owed three events, two of which failed, one for good;
    with a day, and with an event that no reaction has looked at."""
    endpoint = uuid4()
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO endpoint (uid, flavour, owner, url, secret)"
            " VALUES (%s, 'rentals', 'one', 'https://suite.example/', 'whsec_')",
            [endpoint],
        )
        for position, (failures, due) in enumerate(
            ((0, "-infinity"), (1, "2026-11-22T00:00:00Z"), (9, "infinity"))
        ):
            connection.execute(
                "INSERT INTO outbox (endpoint, position, stream, due, failures)"
                " VALUES (%s, %s, %s, %s, %s)",
                [endpoint, position + 1, uuid4(), due, failures],
            )
        connection.execute("INSERT INTO scheduled_job (name, day) VALUES ('rentals', %s)", [DAY])
        connection.execute("INSERT INTO follower VALUES ('reactions', '3', 0)")
        connection.execute(
            "INSERT INTO event (category, stream, version, ordinal, event_type, process_uid,"
            " sent_date, data) VALUES ('ticket', %(uid)s, 1, 0, 'X', %(uid)s,"
            " now() - interval '1 hour', '{}')",
            {"uid": uuid4()},
        )
    yield database
    with psycopg.connect(database) as connection:
        connection.execute("TRUNCATE endpoint, outbox, scheduled_job, follower, event CASCADE")


def test_what_is_owed_the_day_and_how_far_behind_reactions_are(owing: str) -> None:
    lines = gauges.render(owing).decode().splitlines()
    assert 'gerance_endpoints{flavour="rentals",state="active"} 1.0' in lines
    for state in ("untried", "failing", "dead"):
        assert f'gerance_owed_deliveries{{flavour="rentals",state="{state}"}} 1.0' in lines
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert 3600 <= float(values["gerance_reactions_behind_seconds"]) < 7200
    began = float(values['gerance_day_timestamp_seconds{job="rentals"}'])
    assert datetime.fromtimestamp(began, UTC).date() == DAY


def test_without_a_database_there_is_nothing_to_say() -> None:
    assert gauges.render("postgresql://nobody@/none?host=/nowhere") == b""


def test_every_metric_is_on_the_page_of_those_who_watch() -> None:
    there = {family.name for family in REGISTRY.collect() if family.name.startswith("gerance_")}
    there |= {gauge.name for gauge in gauges._GAUGES}
    written = re.findall(r"^\| `(gerance_\w+)`", PAGE.read_text(), re.MULTILINE)
    assert {name.removesuffix("_total") for name in written} == there
