"""Two partners with senders, and one customer."""

from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from tests.partners.mail.letters import CLIENT


@pytest.fixture(autouse=True)
def partners(request: pytest.FixtureRequest) -> None:
    """FOUSSIER and LEGALLAIS, nothing proposed; for tests that have a database."""
    if "database" not in request.fixturenames:
        return
    with psycopg.connect(request.getfixturevalue("database")) as connection:
        connection.execute("truncate partner, partner_customer, partner_proposal cascade")
        connection.execute(
            "insert into partner (code, name, mail_senders) values"
            " ('FOUSSIER', 'Foussier Quincaillerie', '{jeanne@foussier.example}'),"
            " ('LEGALLAIS', 'Legallais', '{@legallais.example}'),"
            " ('CLOSED', 'Closed', '{@closed.example}')"
        )
        connection.execute("update partner set disabled = true where code = 'CLOSED'")
        connection.execute(
            "insert into partner_source (partner, name)"
            " values ('FOUSSIER', 'Foussier'), ('LEGALLAIS', 'Émile & Cie')"
        )
        connection.execute(
            "insert into partner_customer (uid, partner, client_id, status, lastname, email,"
            " phone_number1, free_months, unit_price, options_price, nb_of_options, paid_months,"
            " offered_months, changed) values (gen_random_uuid(), 'FOUSSIER', %s, 'billed',"
            " 'Lhermitte', 't@l.example', '+33320015450', 0, 29.9, 0, 0, '{}', '{}', now())",
            [CLIENT],
        )


def proposals(database: str) -> list[dict[str, Any]]:
    with psycopg.connect(database, row_factory=dict_row) as connection:
        return connection.execute("select * from partner_proposal order by id").fetchall()


def mails(database: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(
            "select partner, identifier, proposal, authenticity from partner_mail order by received"
        ).fetchall()
