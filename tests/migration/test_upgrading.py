"""What is in a database of an earlier release is as it should be in the newest one."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from tests.conftest import made_database

from gerance import migrations


@pytest.fixture
def empty(database_url: str) -> Iterator[str]:
    with made_database(database_url) as url:
        yield url


def upgrade_to(url: str, revision: str) -> None:
    config = migrations._config()
    with migrations._engine(url).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_addresses_of_partners_get_their_scope_and_what_waits_its_size(empty: str) -> None:
    upgrade_to(empty, "0009_billing_run")
    with psycopg.connect(empty) as connection:
        for flavour, owner in (("partners", "FOUSSIER"), ("rentals", str(uuid4()))):
            uid = uuid4()
            connection.execute(
                "INSERT INTO endpoint (uid, flavour, owner, url, secret)"
                " VALUES (%s, %s, %s, 'https://suite.example/', 'whsec_')",
                [uid, flavour, owner],
            )
            connection.execute(
                "INSERT INTO subscription (category, endpoint) VALUES ('partner_customer', %s)",
                [uid],
            )
            connection.execute(
                "WITH e AS (INSERT INTO event (category, stream, version, ordinal, event_type,"
                " process_uid, sent_date, data) VALUES ('partner_customer', %(uid)s, 1, 0, 'X',"
                """ %(uid)s, now(), '{"name": "Œuvre"}') RETURNING position, stream)"""
                " INSERT INTO outbox (endpoint, position, stream)"
                " SELECT %(uid)s, position, stream FROM e",
                {"uid": uid},
            )
    migrations.upgrade(empty)
    with psycopg.connect(empty) as connection:
        rows = connection.execute(
            "SELECT e.flavour, s.scope, o.bytes FROM endpoint e JOIN subscription s"
            " ON s.endpoint = e.uid JOIN outbox o ON o.endpoint = e.uid ORDER BY 1"
        )
        size = len('{"name": "Œuvre"}'.encode())
        assert rows.fetchall() == [
            ("partners", {"partnerCode": "FOUSSIER"}, size),
            ("rentals", None, size),
        ]
