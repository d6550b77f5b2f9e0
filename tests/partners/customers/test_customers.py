"""Customers over HTTP: activated, listed, offered months, terminated."""

from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from tests.app import all_at_once
from tests.living import on
from tests.partners.calling import CAMPAIGNS, Partner, accepted, described, refused
from tests.travelling import travelled

from gerance.kernel.db import Connection
from gerance.partners.programme.campaigns import end_campaign, set_campaign


def act(partner: Partner, client_id: str, what: str, body: Any) -> httpx2.Response:
    return partner.post(f"/v1/customers/{client_id}/{what}", body)


def test_a_lead_becomes_a_customer_by_its_campaign(foussier: Partner) -> None:
    with travelled(datetime(2026, 3, 10, 12, tzinfo=UTC), tick=False):
        accepted(foussier.lead(client_id="l1", campaign_code="PRINTEMPS"))
    with travelled(datetime(2026, 3, 20, 12, tzinfo=UTC), tick=False):
        address = accepted(foussier.customer(client_id="l1"))["redirect_to"]
        told = foussier.told("l1")["customer"]
    assert address == "https://suite.example/FOUSSIER/l1?c=PRINTEMPS"
    assert told["status"] == "activated"
    assert told["lead_creation_date"] == "2026-03-10"
    assert told["service_starting_date"] == "2026-03-20"
    assert told["billing_starting_date"] == "2026-06-01"
    assert told["nb_of_options"] == 2
    assert foussier.events("l1") == ["LeadReceived", "ServiceActivated"]


def test_who_was_never_a_lead_is_a_customer_too_and_once(foussier: Partner) -> None:
    for city in ("Paris", "Paris", "Lyon"):
        accepted(foussier.customer(client_id="c1", city=city))
    assert foussier.events("c1") == ["ServiceActivated", "CustomerRefreshed"]
    told = foussier.told("c1")
    assert told["customer"]["city"] == "Lyon"
    assert told["customer"]["lead_creation_date"] is None
    assert told["customer"]["campaign_code"] == "ETE"
    assert told["billed"] == []


def test_a_customer_that_is_activated_twenty_times_at_once_is_one(foussier: Partner) -> None:
    url, headers = "https://testserver/v1/customers", foussier.headers()
    body = described(client_id="twenty")
    requests = [httpx2.Request("POST", url, json=body, headers=headers) for _ in range(20)]
    assert {each.status_code for each in all_at_once(foussier.http, requests)} == {200}
    assert foussier.events("twenty") == ["ServiceActivated"]


def test_months_are_offered_and_counted(foussier: Partner) -> None:
    with travelled(datetime(2026, 3, 10, 12, tzinfo=UTC), tick=False):
        accepted(foussier.customer(client_id="c2"))
    with travelled(datetime(2026, 5, 10, 12, tzinfo=UTC), tick=False):
        assert accepted(act(foussier, "c2", "offer", {"months": 3, "reason": "geste"}))
    with travelled(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False):
        ended = {"end_of_contract_date": "2026-09-15", "reason": "Retraite"}
        assert accepted(act(foussier, "c2", "terminate", ended))["status"] == "terminated"
        told = foussier.told("c2")
    assert [(each["event"], each["date"], each["by"]) for each in told["history"]] == [
        ("ServiceActivated", "2026-03-10", "partner"),
        ("BillingStarted", "2026-04-01", "time"),
        ("BillingOffered", "2026-05-10", "partner"),
        ("BillingStarted", "2026-09-01", "time"),
        ("ContractTerminated", "2026-09-15", "partner"),
    ]
    assert told["customer"]["nb_of_paid_months"] == 3
    assert told["customer"]["nb_of_offered_months"] == 3
    assert told["customer"]["unsubscription_reason"] == "Retraite"


def test_nothing_is_offered_beyond_the_days_that_can_be_named(foussier: Partner) -> None:
    with travelled(datetime(2026, 3, 10, 12, tzinfo=UTC), tick=False):
        accepted(foussier.customer(client_id="patient"))
        for _ in range(17):
            accepted(act(foussier, "patient", "offer", {"months": 120}))
        text = "months : l'offre se terminerait après 2199-12. Offrez moins de mois."
        assert refused(act(foussier, "patient", "offer", {"months": 120})) == text
        assert accepted(act(foussier, "patient", "offer", {"months": 45}))
        assert refused(act(foussier, "patient", "offer", {"months": 1})) == text
        assert refused(act(foussier, "patient", "offer", {"months": None})) == text
    assert foussier.events("patient").count("BillingOffered") == 18


def test_a_campaign_that_is_over_stays_that_of_who_came_by_it(
    foussier: Partner, database: str
) -> None:
    async def begin(connection: Connection) -> None:
        await set_campaign(connection, "FOUSSIER", CAMPAIGNS["PRINTEMPS"], label="Printemps")

    called = {"client_id": "late", "campaign_code": "PRINTEMPS"}
    accepted(foussier.customer(**called))
    accepted(foussier.lead(client_id="lead-late", campaign_code="PRINTEMPS"))
    on(database, lambda c: end_campaign(c, "FOUSSIER", "PRINTEMPS"))
    try:
        accepted(foussier.customer(**called))
        accepted(foussier.customer(**called, city="Lyon"))
        assert foussier.events("late") == ["ServiceActivated", "CustomerRefreshed"]
        accepted(foussier.lead(client_id="lead-late", campaign_code="PRINTEMPS", city="Lyon"))
        for path, client in (("leads", "new"), ("customers", "new"), ("customers", "lead-late")):
            body = described(client_id=client, campaign_code="PRINTEMPS")
            assert refused(foussier.post(f"/v1/{path}", body)).startswith("campaign_code : ")
    finally:
        on(database, begin)


@pytest.mark.parametrize(
    ("what", "body", "text"),
    [
        ("offer", {}, "months : paramètre obligatoire absent"),
        ("offer", {"months": 0}, "months : nombre de mois de 1 à 120 attendu"),
        ("offer", {"months": 121}, "months : nombre de mois de 1 à 120 attendu"),
        ("offer", {"months": "x"}, "months : nombre de mois de 1 à 120 attendu"),
        ("terminate", {}, "end_of_contract_date : paramètre obligatoire absent"),
        ("terminate", {"end_of_contract_date": "2026-02-30"}, "end_of_contract_date : date"),
        ("terminate", {"end_of_contract_date": "1900-01-01"}, "end_of_contract_date : le service"),
    ],
)
def test_what_is_asked_wrongly_is_named(foussier: Partner, what: str, body: Any, text: str) -> None:
    accepted(foussier.customer(client_id="c3"))
    assert refused(act(foussier, "c3", what, body)).startswith(text)


@pytest.mark.parametrize(
    ("what", "body"),
    [("offer", {"months": None}), ("terminate", {"end_of_contract_date": "2026-12-31"})],
)
def test_only_a_partners_own_customers_are_reached(
    foussier: Partner, legallais: Partner, what: str, body: Any
) -> None:
    accepted(foussier.customer(client_id="own"))
    accepted(foussier.lead(client_id="lead"))
    assert refused(act(legallais, "own", what, body), 404)
    assert refused(act(foussier, "lead", what, body), 409)
    assert refused(act(foussier, "nobody", what, body), 404)
    missing = legallais.http.get("/v1/customers/own", headers=legallais.headers())
    assert refused(missing, 404)
    listed = legallais.get("/v1/customers")["customers"]
    assert "own" not in {each["client_id"] for each in listed}


def test_customers_are_listed_page_by_page(foussier: Partner) -> None:
    for n in range(5):
        accepted(foussier.lead(client_id=f"page{n}"))
    found: list[str] = []
    after = "page"
    while after is not None and after.startswith("page"):
        page = foussier.get(f"/v1/customers?after={after}&limit=2&status=lead")
        found += [each["client_id"] for each in page["customers"]]
        after = page["after"]
    assert [each for each in found if each.startswith("page")] == [f"page{n}" for n in range(5)]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=x", "status=gone", "limit=1&limit=2"]
)
def test_a_wrong_question_is_refused(foussier: Partner, query: str) -> None:
    answer = foussier.http.get(f"/v1/customers?{query}", headers=foussier.headers())
    assert refused(answer).startswith(query.partition("=")[0])


def test_the_older_form_makes_a_lead_of_who_fills_it_in(foussier: Partner) -> None:
    form = {
        "firstname": "Thierry", "lastname": "Lhermitte", "email": "Thierry@lhermitte.example",
        "cell": "0612345678", "code_partner": "FOUSSIER", "job_category": "Plombier",
    }  # fmt: skip
    for _ in range(2):
        answer = foussier.http.post("/users", data=form, headers=foussier.headers())
        assert answer.json() == {"response_code": 0, "response_text": "OK"}
    found = [c for c in foussier.get("/v1/customers")["customers"] if c["firstname"] == "Thierry"]
    (lead,) = [c for c in found if c["phone_number1"] == "+33612345678"]
    assert len(lead["client_id"]) == 20
    assert lead["status"] == "lead"


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        ({"cell": ""}, 400, "phone_number : phone_number ou cell est obligatoire"),
        ({"cell": "12"}, 400, "cell : numéro de téléphone"),
        ({"email": "x", "firstname": ""}, 400, "firstname : paramètre obligatoire absent ; email"),
        ({"code_partner": "OTHER"}, 403, "code_partner : ce code n'est pas celui du jeton"),
    ],
)
def test_the_older_form_is_refused_in_its_own_envelope(
    foussier: Partner, changes: dict[str, str], status: int, text: str
) -> None:
    form = {"firstname": "T", "lastname": "L", "email": "t@l.example", "cell": "0612345678"}
    form |= {"code_partner": "FOUSSIER", **changes}
    answer = foussier.http.post("/users", data=form, headers=foussier.headers())
    assert answer.status_code == status
    assert answer.json()["response_code"] == 1
    assert answer.json()["response_text"].startswith(text)
