"""A lead is received once, refreshed, and refused with everything that is wrong with it."""

import httpx2
import pytest
from tests.app import all_at_once
from tests.partners.calling import Partner, accepted, described, refused


def test_a_lead_is_received_and_its_client_goes_on(foussier: Partner) -> None:
    answer = foussier.lead(client_id="a b", campaign_code="PRINTEMPS")
    address = "https://suite.example/FOUSSIER/a%20b?c=PRINTEMPS"
    assert accepted(answer) == {"response": 0, "text": "OK", "redirect_to": address}
    told = foussier.told("a b")["customer"]
    assert told["status"] == "lead"
    assert told["phone_number1"] == "+33199001234"
    assert told["country"] == "FR"
    assert told["campaign_code"] == "PRINTEMPS"


def test_without_a_template_there_is_nowhere_to_go(foussier: Partner) -> None:
    assert accepted(foussier.lead(client_id="nowhere"))["redirect_to"] is None


def test_the_same_lead_again_changes_nothing_and_another_refreshes_it(foussier: Partner) -> None:
    for city in ("Paris", "Paris", "Lyon"):
        accepted(foussier.lead(client_id="again", city=city, campaign_code="PRINTEMPS"))
    assert foussier.events("again") == ["LeadReceived", "LeadRefreshed"]
    accepted(foussier.lead(client_id="again", city="Lyon"))
    told = foussier.told("again")
    assert len(told["history"]) == 2
    assert told["customer"]["city"] == "Lyon"
    assert told["customer"]["campaign_code"] == "PRINTEMPS"


def test_twenty_equal_leads_at_once_are_one(foussier: Partner) -> None:
    requests = [
        httpx2.Request(
            "POST",
            "https://testserver/v1/leads",
            json=described(client_id="twenty"),
            headers=foussier.headers(),
        )
        for _ in range(20)
    ]
    answers = all_at_once(foussier.http, requests)
    assert {answer.status_code for answer in answers} == {200}
    assert foussier.events("twenty") == ["LeadReceived"]


def test_the_client_of_another_partner_is_another(foussier: Partner, legallais: Partner) -> None:
    accepted(foussier.lead(client_id="both", city="Nantes"))
    accepted(legallais.lead(client_id="both", city="Caen", partner_code="LEGALLAIS"))
    assert foussier.told("both")["customer"]["city"] == "Nantes"
    assert legallais.told("both")["customer"]["city"] == "Caen"


def test_the_code_is_that_of_the_token(foussier: Partner) -> None:
    text = refused(foussier.lead(partner_code="LEGALLAIS", city=None), 403)
    assert text == "partner_code : ce code n'est pas celui du jeton"


def test_a_number_is_read_where_the_client_lives(foussier: Partner) -> None:
    for nth, (country, zipcode, number, stored) in enumerate(
        (
            ("Guadeloupe", "97110", "0590\u202f90\u202f12\u202f34", "+590590901234"),
            ("France", "F-97400", "\u202a0692 00 12 34\u202c", "+262692001234"),
            ("Belgique", "1000", "0470 12 34 56", "+32470123456"),
            ("Suisse", "1200", "022 555 12 12", "+41225551212"),
        )
    ):
        lead = {"country": country, "zipcode": zipcode, "phone_number1": number}
        accepted(foussier.lead(client_id=f"phone-{nth}", **lead))
        told = foussier.told(f"phone-{nth}")["customer"]
        assert (told["phone_number1"], told["zipcode"]) == (stored, zipcode.removeprefix("F-"))


def test_a_customer_is_no_lead_any_more(foussier: Partner) -> None:
    accepted(foussier.customer(client_id="bought"))
    text = refused(foussier.lead(client_id="bought"), 409)
    assert text.endswith("Utilisez /v1/customers pour ce client.")
    today = foussier.told("bought")["customer"]["service_starting_date"]
    ending = {"end_of_contract_date": today}
    accepted(foussier.post("/v1/customers/bought/terminate", ending))
    for again in (foussier.lead, foussier.customer):
        text = refused(again(client_id="bought"), 409)
        assert text.startswith("client_id : le contrat de bought s'est terminé le ")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_wrong_parameter_is_named_in_one_answer(foussier: Partner, language: str) -> None:
    body = {"partner_code": "FOUSSIER", "email": "nobody", "siret": "1"}
    answer = foussier.post("/v1/leads", body, **{"Accept-Language": language})
    fr = [
        "partner : paramètre obligatoire absent",
        "client_id : paramètre obligatoire absent",
        "lastname : paramètre obligatoire absent",
        "siret : SIREN de 9 chiffres ou SIRET de 14 chiffres attendu, clé comprise",
        "email : adresse électronique attendue",
        "phone_number1 : paramètre obligatoire absent",
        "zipcode : paramètre obligatoire absent",
        "city : paramètre obligatoire absent",
        "country : paramètre obligatoire absent",
        "typology : paramètre obligatoire absent",
    ]
    en = [
        "partner: missing, and mandatory",
        "client_id: missing, and mandatory",
        "lastname: missing, and mandatory",
        "siret: expected a SIREN of 9 digits or a SIRET of 14, with its check digit",
        "email: expected an e-mail address",
        "phone_number1: missing, and mandatory",
        "zipcode: missing, and mandatory",
        "city: missing, and mandatory",
        "country: missing, and mandatory",
        "typology: missing, and mandatory",
    ]
    assert refused(answer) == (" ; ".join(fr) if language == "fr" else "; ".join(en))
