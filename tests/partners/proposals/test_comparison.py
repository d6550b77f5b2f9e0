"""A message and the stored client are compared as people compare them."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace
from tests.partners.mail.letters import letter

from gerance.partners.lifecycle.state import Customer, Details, Offer
from gerance.partners.mail.parser import read_request
from gerance.partners.proposals.comparison import ClientClaims, compare, mismatches, version_of

TODAY = date(2026, 11, 30)
CLIENT = "54d8b0fad5922248bf2f"
STORED = Customer(
    partner="FOUSSIER",
    client_id=CLIENT,
    status="billed",
    details=Details(
        client_title="M", firstname="Jean-François", lastname="L'Hermitte",
        company_name="Menuiserie Élan SARL", siret="73282932000074", email="JF@Elan.example",
        phone_number1="+33199001234", phone_number2="+33699005678",
        address1="12 avenue des Érables",
        zipcode="75011", city="Paris", country="FR",
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    "claims",
    [
        {"name": "Jean-François L'Hermitte"},
        {"name": "LHERMITTE Jean Francois"},
        {"name": "M. L\u2019Hermitte"},
        {"name": "J. L'Hermitte"},
        {"name": "Menuiserie Elan"},
        {"name": "Menuiserie Élan (L'Hermitte)"},
        {"email": "jf@elan.example"},
        {"phone": "01 99 00 12 34"},
        {"phone": "+33 6 99 00 56 78"},
        {"address": "12, av. des erables 75011 PARIS"},
        {"siret": "732 829 320"},
        {"siret": "732 829 320 00074"},
        {"number": CLIENT.upper(), "name": "L'Hermitte"},
    ],
    ids=str,
)
def test_what_is_the_same_is_no_problem(claims: dict[str, str]) -> None:
    assert (
        mismatches(STORED, ClientClaims(**{kind: (said,) for kind, said in claims.items()})) == []
    )


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        ({"name": "Thierry L'Hermitte"}, "other_name"),
        ({"name": "Jean-François"}, "other_name"),
        ({"name": "Jean-François Martin"}, "other_name"),
        ({"name": "Menuiserie Dupont"}, "other_name"),
        ({"name": "M."}, "other_name"),
        ({"email": "jf@elan.example.org", "name": "L'Hermitte"}, "other_email"),
        ({"phone": "01 99 00 12 35"}, "other_phone"),
        ({"phone": "?"}, "other_phone"),
        ({"address": "14 avenue des Érables, 75011 Paris"}, "other_address"),
        ({"address": "12 avenue des Érables, 69003 Lyon"}, "other_address"),
        ({"siret": "44306184100047"}, "other_siret"),
        ({"siret": "7328"}, "other_siret"),
        ({"number": "54d8b0fad5922248bf2e", "name": "L'Hermitte"}, "other_number"),
        ({}, "number_only"),
    ],
    ids=str,
)
def test_what_differs_is_a_problem(claims: dict[str, str], problem: str) -> None:
    found = mismatches(STORED, ClientClaims(**{kind: (said,) for kind, said in claims.items()}))
    assert [each.code for each in found] == [problem]


def test_a_proposal_without_a_message_has_nothing_to_compare() -> None:
    assert mismatches(STORED, None) == []


def test_the_text_of_a_message_is_compared_too() -> None:
    body = (
        "Bonjour,\nmerci de résilier au 31/12/2026.\nNom : L'Hermitte\nTél : 01 99 00 12 34\n"
        "Adresse : 3 place Bellecour\n69002 Lyon\nE-mail : jf@elan.example\nN° client : 12345\n"
        "Copie à compta@foussier.example.\nCordialement,\nJeanne\nTél : 01 99 00 99 99\n"
    )
    subject = f"[Résiliation][Foussier] Client L'Hermitte - {CLIENT}"
    claims = read_request(letter(subject, body), TODAY).claims
    assert claims == ClientClaims(
        name=("L'Hermitte",),
        number=("12345",),
        email=("jf@elan.example",),
        phone=("01 99 00 12 34",),
        address=("3 place Bellecour, 69002 Lyon",),
    )
    rows: dict[str, Any] = {row.field: row.same for row in compare(STORED, claims)}
    assert rows == {
        "name": True, "number": False, "email": True, "phone": True, "address": False,
        "siret": None,
    }  # fmt: skip


def test_the_version_changes_with_what_an_operator_decides_on() -> None:
    moved = replace(STORED, details=replace(STORED.details, city="Lyon"))
    offered = replace(STORED, offers=(Offer(TODAY, None),))
    ending = replace(STORED, end_of_contract_date=TODAY)
    later = replace(STORED, status="activated")
    versions = [version_of(each) for each in (STORED, moved, offered, ending, None)]
    assert len(set(versions)) == len(versions)
    assert version_of(later) == version_of(STORED)
