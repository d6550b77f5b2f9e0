"""The demonstration has customers of partners in every state and bills, and loads them once."""

from datetime import UTC, datetime

import psycopg
from tests.living import on

from gerance.demo.partners import load_partners
from gerance.partners.billing_exchange.billing import billing_files
from gerance.partners.lifecycle.state import STATUSES
from gerance.partners.proposals.queries import list_proposals

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_there_are_customers_in_every_state_and_loading_again_adds_none(database: str) -> None:
    seen = []
    for _ in range(3):
        on(database, lambda c: load_partners(c, database, scale=1, now=NOW))
        with psycopg.connect(database) as connection:
            seen.append(
                connection.execute(
                    "SELECT partner, client_id, status, paid_months::text FROM partner_customer"
                    " ORDER BY 1, 2"
                ).fetchall()
            )
            # As if the load before had been interrupted at its very end.
            connection.execute("DELETE FROM audit WHERE act = 'demo partners loaded'")
    assert len(seen[0]) > 250
    for code in ("FOUSSIER", "LEGALLAIS"):
        assert {row[2] for row in seen[0] if row[0] == code} == set(STATUSES)
    assert seen[1] == seen[0]
    assert seen[2] == seen[0]


def test_a_clear_and_an_unclear_proposal_wait_for_an_operator(database: str) -> None:
    for _ in range(2):
        on(database, lambda c: load_partners(c, database, scale=1, now=NOW))
    proposals = on(database, lambda c: list_proposals(c, language="en"))
    assert [
        (each["kind"], each["partner"], each["mismatch"], each["client_name"] is None)
        for each in proposals
    ] == [("terminate", "FOUSSIER", False, False), ("terminate", "FOUSSIER", True, False)]


def test_partners_have_bills_of_the_last_months(database: str) -> None:
    on(database, lambda c: load_partners(c, database, scale=1, now=NOW))
    files = on(database, lambda c: billing_files(c, "FOUSSIER"))
    assert [file.period for file in files] == ["2026-10", "2026-09", "2026-08"]
    assert all(file.lines > 30 and file.amount_excl_tax > 500 for file in files)
