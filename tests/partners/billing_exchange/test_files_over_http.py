"""Partners get their own billing files over HTTP: the bytes of the folder, and nobody else's."""

import hashlib
from datetime import date
from pathlib import Path

import psycopg
import pytest
from starlette.testclient import TestClient
from tests.living import on
from tests.partners.billing_exchange.conftest import add_customers
from tests.partners.calling import Partner, accepted, refused, serving
from tests.waiting import until

from gerance.kernel.months import Month
from gerance.partners.billing_exchange.billing import BillingFile, bill_partner
from gerance.partners.billing_exchange.delivery import deliver

NAME = "FOUSSIER_2026-11_clients-a-facturer.csv"


@pytest.fixture(scope="module")
def billed(database: str, foussier: Partner) -> BillingFile:
    add_customers(database, "FOUSSIER", 4_500)
    month, today = Month(2026, 11), date(2026, 11, 30)
    return on(database, lambda c: bill_partner(c, "FOUSSIER", month, today=today))[0]


def test_a_partner_lists_its_files(foussier: Partner, billed: BillingFile) -> None:
    (listed,) = foussier.get("/v1/billing-files")["files"]
    assert (listed["name"], listed["lines"], listed["period"]) == (NAME, 4_500, "2026-11")
    assert listed["sha256"] == billed.sha256
    assert listed["amount_incl_tax"] == float(billed.amount_incl_tax)


def test_the_bytes_are_those_of_the_folder(
    database: str, foussier: Partner, billed: BillingFile, tmp_path: Path
) -> None:
    on(database, lambda c: deliver(c, tmp_path, billed))
    got = foussier.http.get(f"/v1/billing-files/{NAME}", headers=foussier.headers())
    assert got.content == (tmp_path / "FOUSSIER" / "outbox" / NAME).read_bytes()
    assert hashlib.sha256(got.content).hexdigest() == billed.sha256
    assert got.headers["content-type"] == "text/csv; charset=utf-8"
    assert got.headers["content-disposition"] == f'attachment; filename="{NAME}"'
    again = foussier.headers(**{"If-None-Match": got.headers["etag"]})
    assert foussier.http.get(f"/v1/billing-files/{NAME}", headers=again).status_code == 304
    checksum = foussier.http.get(f"/v1/billing-files/{NAME}.sha256", headers=foussier.headers())
    assert checksum.text == f"{billed.sha256}  {NAME}\n"


@pytest.mark.parametrize("name", [NAME, f"{NAME}.sha256", "..%5cFOUSSIER", "x.csv"])
def test_the_files_of_another_partner_are_not_there(
    legallais: Partner, billed: BillingFile, name: str
) -> None:
    assert legallais.get("/v1/billing-files")["files"] == []
    answer = legallais.http.get(f"/v1/billing-files/{name}", headers=legallais.headers())
    assert "il n'y a pas de fichier de facturation" in refused(answer, 404)


def test_without_a_token_nothing_is_told(http: TestClient, billed: BillingFile) -> None:
    for path in ("/v1/billing-files", f"/v1/billing-files/{NAME}"):
        refused(http.get(path), 401)


def test_partners_see_what_was_billed_in_the_folder_of_the_running_server(
    database: str, foussier: Partner, billed: BillingFile, tmp_path: Path
) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("update partner_billing_file set delivered = null")
    with serving(database, tmp_path, jobs_inside=True):
        path = tmp_path / "partners" / "FOUSSIER" / "outbox" / f"{NAME}.sha256"
        until(path.exists)
    assert path.read_bytes() == billed.checksum


def test_a_customer_is_told_with_its_bills_and_whether_they_were_paid(
    database: str, foussier: Partner, billed: BillingFile
) -> None:
    accepted(foussier.customer(client_id="ZZ"))
    with psycopg.connect(database) as connection:
        connection.execute(
            "insert into partner_billing_line values (%s, 9999, 'ZZ', 10, 12, 'billed', '')",
            [billed.id],
        )
        connection.execute(
            "insert into partner_payment (partner, client_id, period, status, reason)"
            " values ('FOUSSIER', 'ZZ', '2026-11', 'unpaid', '')"
        )
    assert foussier.told("ZZ")["billed"] == [
        {
            "period": "2026-11",
            "status": "billed",
            "amount_excl_tax": 10.0,
            "amount_incl_tax": 12.0,
            "payment": "unpaid",
        }
    ]
