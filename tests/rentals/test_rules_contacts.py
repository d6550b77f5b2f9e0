"""What is an e-mail address, what a telephone number, what a code of a currency or country."""

import pytest
from tests.rentals.judging import codes

from gerance.rentals.declare.formats import is_email, is_phone


@pytest.mark.parametrize(
    "text",
    [
        "guy.cyr@courriel.example", "Guy.Cyr+bail@exemple.qc.ca", "o'neil@example.com",
        "é.lévesque@montréal.example", "a@b.test",
    ],
)  # fmt: skip
def test_an_address_that_mail_can_go_to_is_one(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "guy", "guy@", "@courriel.example", "guy@courriel", "guy cyr@courriel.example",
        "guy@@courriel.example", "guy@courriel..example", "guy@-courriel.example", "guy.@a.example",
        "Guy <guy@courriel.example>", "a@b.example, c@d.example", "guy@courriel.example\n",
    ],
)  # fmt: skip
def test_anything_else_is_no_address(text: str) -> None:
    assert not is_email(text)


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("418 555-0123", "CA"),
        ("(514) 555-0199", "CA"),
        ("1-819-555-0101", "CA"),
        ("418 555-0123 poste 12", "CA"),
        ("418-555-0123 ext. 4", "CA"),
        ("212 555-0123", "CA"),
        ("04 65 71 12 34", "FR"),
        ("06.12.34.56.78", "FR"),
        ("+33 4 65 71 12 34", "CA"),
        ("+1 418 555 0123", "FR"),
        ("04 65 71 12 34", "CA"),
        ("418 555-0123", "FR"),
        ("+32 2 555 12 12", "BE"),
    ],
)
def test_a_number_as_people_write_it_is_one(text: str, country: str) -> None:
    assert is_phone(text, country)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "12", "555-0123", "0000000000", "123 456 789 012 345 678", "418 555-01", "+999 1"],
)
def test_anything_else_is_no_number(text: str) -> None:
    assert not is_phone(text, "CA")
    assert not is_phone(text, "FR")


@pytest.mark.parametrize("name", ["Building", "Tenant", "Supplier"])
def test_an_entity_with_wrong_contacts_says_which(name: str) -> None:
    wrong = {"email": "guy", "phone": "12"}
    told = codes(name, wrong)
    assert ("InvalidEmail", "Email") in told
    assert ("InvalidPhone", "Phone") in told
    right = {"email": "guy@courriel.example", "phone": "418 555-0123"}
    assert not {"InvalidEmail", "InvalidPhone"} & {code for code, _ in codes(name, right)}


def test_a_wrong_mobile_number_is_told_apart() -> None:
    row = {"phone": "418 555-0123", "mobile_phone": "none"}
    assert ("InvalidPhone", "MobilePhone") in codes("Tenant", row)


def test_what_was_wrong_before_does_not_keep_from_changing_the_rest() -> None:
    before = {"email": "guy", "phone": "12", "payment_terms_days": 30}
    assert codes("Supplier", {"payment_terms_days": 45}, before) == []
    assert codes("Supplier", {"phone": "13"}, before) == [("InvalidPhone", "Phone")]


@pytest.mark.parametrize("value", ["cad", "$", "EURO", ""])
def test_a_currency_is_three_capital_letters(value: str) -> None:
    assert codes("LedgerDivision", {"currency": value}) == [("InvalidCurrency", "Currency")]
    assert codes("LedgerDivision", {"currency": "CAD"}) == []


def test_a_country_is_two_capital_letters() -> None:
    assert codes("Building", {"country": "Canada"}) == [("InvalidCountry", "Country")]
    assert codes("Building", {"country": "CA"}) == []
