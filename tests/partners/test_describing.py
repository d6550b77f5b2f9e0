"""Each parameter is checked by itself, and kept in one spelling."""

from typing import Any

import pytest
from tests.partners.calling import described

from gerance.kernel.errors import Rejection
from gerance.partners.client_parameters import LONGEST, MANDATORY
from gerance.partners.client_parameters import read_client as read
from gerance.partners.programme.programme import Programme

PROGRAMME = Programme("FOUSSIER", ["Quincaillerie Émile", "Foussier"], [], [1, 2])


def kept(**fields: Any) -> Any:
    given = {name: [value] for name, value in described(**fields).items()}
    return read(given, PROGRAMME, "en").details


def wrong(**fields: Any) -> str:
    with pytest.raises(Rejection) as refused:
        kept(**fields)
    assert refused.value.code == "InvalidParameters"
    return refused.value.message


@pytest.mark.parametrize("name", sorted(MANDATORY))
@pytest.mark.parametrize("value", [None, "", "  "])
def test_what_is_mandatory_is_missed(name: str, value: str | None) -> None:
    assert wrong(**{name: value}) == f"{name}: missing, and mandatory"


@pytest.mark.parametrize("name", sorted(LONGEST.keys() - {"partner_code"}))
@pytest.mark.parametrize("value", [True, 1.5, ["x"], {"x": 1}])
def test_a_text_is_expected_everywhere(name: str, value: Any) -> None:
    assert wrong(**{name: value}) == f"{name}: expected a text"


@pytest.mark.parametrize("name", sorted(LONGEST))
def test_each_has_a_longest(name: str) -> None:
    assert (
        wrong(**{name: "1" * (LONGEST[name] + 1)}) == f"{name}: at most {LONGEST[name]} characters"
    )


@pytest.mark.parametrize("name", sorted(LONGEST))
@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\ud800b"])
def test_no_control_characters(name: str, text: str) -> None:
    assert wrong(**{name: text}) == f"{name}: has a character that is not allowed"


def test_lines_are_for_what_is_free_text() -> None:
    assert kept(other_info="a\r\nb").other_info == "a\r\nb"
    assert "not allowed" in wrong(lastname="a\nb")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("01 99 00 12 34", "+33199001234"),
        ("0612345678", "+33612345678"),
        ("06.12.34.56.78", "+33612345678"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("+32 2 123 45 67", "+3221234567"),
        ("+15145551234", "+15145551234"),
    ],
)
def test_phones_are_kept_as_e164_has_them(text: str, number: str) -> None:
    assert kept(phone_number1=text, phone_number2=text).phone_number1 == number


@pytest.mark.parametrize("text", ["12", "0000000000", "06 12 34 56", "call me", "+999123456789"])
def test_no_phone(text: str) -> None:
    expected = "expected a French telephone number, or one as E.164 has it"
    assert wrong(phone_number1=text) == f"phone_number1: {expected}"
    assert wrong(phone_number2=text) == f"phone_number2: {expected}"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("732 829 320", "732829320"),
        (" 732 829 320 00074 ", "73282932000074"),
        ("356 000 000 00048", "35600000000048"),
        (73282932000074, "73282932000074"),
    ],
)
def test_blanks_of_a_siret_are_ignored(text: Any, digits: str) -> None:
    assert kept(siret=text).siret == digits


@pytest.mark.parametrize("text", ["732829321", "73282932000075", "7328293", "FR732829320", "-1"])
def test_no_siret(text: str) -> None:
    assert wrong(siret=text).startswith("siret: expected a SIREN of 9 digits")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("France", "FR"),
        ("FRANCE", "FR"),
        ("fr", "FR"),
        ("FRA", "FR"),
        ("Etats-Unis", "US"),
        ("États Unis", "US"),
        ("United States", "US"),
        ("Belgique", "BE"),
        ("Allemagne", "DE"),
        ("Germany", "DE"),
        ("La Réunion", "RE"),
        ("Réunion", "RE"),
        ("République de Corée", "KR"),
        ("Corée du Sud", "KR"),
        ("Russie", "RU"),
        ("Royaume-Uni", "GB"),
        ("Côte d'Ivoire", "CI"),
    ],
)
def test_countries_are_kept_as_iso_has_them(text: str, code: str) -> None:
    assert kept(country=text).country == code


@pytest.mark.parametrize("text", ["Atlantis", "XX", "Corée", "fr-FR"])
def test_no_country(text: str) -> None:
    assert wrong(country=text).startswith("country: expected the name of a country")


@pytest.mark.parametrize("text", ["nobody", "a@b", "a b@c.example", "a@c.example,b@c.example", "@"])
def test_no_email(text: str) -> None:
    assert wrong(email=text) == "email: expected an e-mail address"


def test_what_the_programme_does_not_have_is_refused() -> None:
    assert wrong(partner="Autre") == "partner: unknown source of this partner"
    assert wrong(campaign_code="X") == "campaign_code: unknown campaign of this partner"
    for typology in (3, "three", "-1", "²"):
        assert wrong(typology=typology) == "typology: unknown typology"
    assert wrong(client_id="a/b") == "client_id: has a character that is not allowed"


def test_what_is_meant_is_kept() -> None:
    details = kept(partner="quincaillerie EMILE", typology="2", zipcode=75011, company_name=" SA ")
    assert details.source == "Quincaillerie Émile"
    assert details.typology == 2
    assert details.zipcode == "75011"
    assert details.company_name == "SA"
