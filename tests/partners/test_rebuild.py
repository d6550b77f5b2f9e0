"""`projections rebuild`: what the log says of partners' clients is made anew, the same rows."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

import psycopg
import pytest
from tests.conftest import made_database
from tests.living import Rows, contents, on
from tests.partners.billing_exchange.conftest import activate, written

from gerance.demo.partners import load_partners
from gerance.kernel.db import Pool
from gerance.kernel.log.writer import Writer
from gerance.kernel.months import Month
from gerance.partners.billing_exchange.payments import ReturnFile, take
from gerance.partners.billing_exchange.returns_text import Return, Status
from gerance.partners.rebuild import rebuild

CODE = "FOUSSIER"
TODAY = date(2026, 11, 22)
SAID: tuple[tuple[Status, ...], ...] = (("unpaid", "paid"), ("unpaid", "unpaid"), ("paid",))

SCRAMBLED = (
    "UPDATE partner_customer SET lastname = 'wrong', due = NULL, paid_months = '{}'",
    "DELETE FROM partner_customer WHERE status = 'lead'",
    """UPDATE partner_customer p SET client_id = n.other || '!' FROM (
      SELECT uid, coalesce(lead(client_id) OVER w, first_value(client_id) OVER w) AS other
      FROM partner_customer WINDOW w AS (PARTITION BY partner ORDER BY client_id)) n
    WHERE n.uid = p.uid""",
    "UPDATE partner_customer SET client_id = rtrim(client_id, '!')",
    """INSERT INTO partner_customer SELECT (c).* FROM (SELECT jsonb_populate_record(
    c, '{"uid": "00000000-0000-0000-0000-000000000000", "client_id": "stray"}') AS c
    FROM partner_customer c LIMIT 1) s""",
    "UPDATE stream SET state = '{}', version = 99",
    "UPDATE partner_payment SET reason = 'wrong' WHERE status = 'unpaid'",
    "DELETE FROM partner_payment WHERE status = 'paid'",
    """INSERT INTO partner_payment
    SELECT DISTINCT partner, client_id, '2026-01', 'paid', '' FROM partner_payment""",
)


@pytest.fixture(scope="module")
def begun(database_url: str, migrated_template: str) -> Iterator[str]:
    """URL of a database with the demonstration's partners, and what one said of two months."""
    with made_database(database_url, template=migrated_template) as url:
        on(url, lambda c: load_partners(c, url, scale=1, now=datetime(2026, 11, 22, tzinfo=UTC)))
        written(url, say_who_paid)
        yield url


@pytest.fixture
def lived(database_url: str, begun: str) -> Iterator[str]:
    """URL of a copy of it."""
    with made_database(database_url, template=urlsplit(begun).path[1:]) as url:
        yield url


async def say_who_paid(pool: Pool, writer: Writer) -> None:
    """Returns on September and October; some are corrected by a second file."""
    async with pool.connection() as connection:
        for month in (9, 10):
            period = Month(2026, month)
            rows = await connection.execute(
                "SELECT l.client_id FROM partner_billing_line l JOIN partner_billing_file f"
                " ON f.id = l.file WHERE f.partner = %s AND f.period = %s ORDER BY 1",
                [CODE, str(period)],
            )
            clients = [client for (client,) in await rows.fetchall()]
            for nth in range(2):
                lines = [
                    Return(number, client, SAID[number % 3][nth], "rejeté" if nth else "")
                    for number, client in enumerate(clients)
                    if nth < len(SAID[number % 3])
                ]
                taking = ReturnFile(CODE, period, f"file {nth}", TODAY)
                assert await take(connection, writer, taking, lines) == []


def scramble(database: str, *statements: str) -> None:
    with psycopg.connect(database) as connection:
        for statement in statements:
            connection.execute(statement)


def difference(before: Rows, after: Rows) -> set[str]:
    """The tables that are not the same."""
    return {table for table in before if after[table] != before[table]}


def test_everything_that_was_scrambled_is_as_it_was(lived: str) -> None:
    before = contents(lived)
    assert len(before["partner_customer"]) > 250
    assert len(before["partner_payment"]) > 50
    scramble(lived, *SCRAMBLED)
    wrong = {"stream", "partner_customer", "partner_payment"}
    assert difference(before, contents(lived)) == wrong
    rebuild(lived)
    assert difference(before, contents(lived)) == set()


def test_tables_that_were_emptied_are_filled_again(lived: str) -> None:
    before = contents(lived)
    scramble(lived, "TRUNCATE partner_customer, partner_payment, stream")
    rebuild(lived)
    rebuild(lived)
    assert difference(before, contents(lived)) == set()


def test_customers_come_while_the_read_side_is_made_anew(lived: str) -> None:
    scramble(lived, "UPDATE partner_customer SET lastname = 'wrong'")
    rounds = 0
    with ThreadPoolExecutor() as threads:
        clients = [f"new-{nth}" for nth in range(150)]
        coming = threads.submit(activate, lived, CODE, clients, TODAY)
        while not coming.done():
            rebuild(lived)
            rounds += 1
        coming.result()
    assert rounds > 1
    kept = contents(lived)
    rebuild(lived)
    assert difference(kept, contents(lived)) == set()
    assert {f"new-{nth}" for nth in range(150)} <= {row[2] for row in kept["partner_customer"]}
