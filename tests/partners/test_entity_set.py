"""Integrators with the right to partners read leads and customers as PartnerCustomers."""

import httpx2
import pytest
from tests.living import on
from tests.partners.calling import Partner, accepted

from gerance.kernel.errors import Rejection
from gerance.kernel.identity.integrators import add_integrator
from gerance.kernel.identity.scope import Scope, checked_scope

PASSWORD = "correct horse battery"


def read(database: str, partner: Partner, user_name: str, scope: Scope) -> httpx2.Response:
    """What a new integrator is answered."""
    key = on(
        database,
        lambda c: add_integrator(c, user_name=user_name, password=PASSWORD, scope=scope),
    )
    body = {"UserName": user_name, "Password": PASSWORD}
    given = partner.http.post("/api/Token", json=body, headers={"x-api-key": key})
    return partner.http.get(
        "/api/PartnerCustomers?$select=PartnerCode,ClientId,Status,NbOfPaidMonths",
        headers={"Authorization": f"Bearer {given.json()['token']}"},
    )


def test_an_integrator_with_the_right_reads_all_partners_customers(
    database: str, foussier: Partner, legallais: Partner
) -> None:
    accepted(foussier.lead(client_id="a"))
    accepted(legallais.customer(client_id="a", partner_code="LEGALLAIS"))
    found = read(database, foussier, "with", Scope(partners=True)).json()["value"]
    rows = {(each["PartnerCode"], each["ClientId"], each["Status"]) for each in found}
    assert rows == {("FOUSSIER", "a", "lead"), ("LEGALLAIS", "a", "activated")}
    assert {each["NbOfPaidMonths"] for each in found} == {0}


def test_others_do_not(database: str, foussier: Partner) -> None:
    assert read(database, foussier, "without", Scope(incidents=True)).status_code == 403


def test_who_is_limited_to_places_cannot_have_the_right() -> None:
    with pytest.raises(Rejection, match="right to partners"):
        Scope(partners=True, places=({"company_no": 3},))
    with pytest.raises(Rejection, match="needs the right to partners"):
        checked_scope(
            sets=["PartnerCustomers"],
            places=[],
            known_sets=["PartnerCustomers"],
            incident_sets=[],
            partner_sets=["PartnerCustomers"],
        )
