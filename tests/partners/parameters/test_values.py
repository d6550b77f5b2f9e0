"""Telephone numbers, post codes and countries as the French and their neighbours write them."""

import pytest

from gerance.partners.billing_exchange.vat import vat_rate
from gerance.partners.parameters.countries import country_code
from gerance.partners.parameters.problems import WrongParameter
from gerance.partners.parameters.values import phone, zipcode
from gerance.rentals.declare.formats import is_phone

BLANKS = "\u00a0\u202f\u2007\u2009"
PLAN = [
    *((262, f"0{begin}") for begin in (262, 263, 269, 639, 692, 693)),
    *((590, f"0{begin}") for begin in (590, 690, 691)),
    *((594, f"0{begin}") for begin in (594, 694)),
    *((596, f"0{begin}") for begin in (596, 696, 697)),
]


@pytest.mark.parametrize(("code", "begin"), PLAN)
def test_the_prefix_names_the_overseas_department(code: int, begin: str) -> None:
    for country in ("FR", "RE", "GP", "MQ", "GF", "YT", "MF", "BL"):
        for blank in (*BLANKS, " ", ".", ""):
            number = blank.join((begin, "20", "12", "34"))
            assert phone(number, country) == f"+{code}{begin[1:]}201234"
    assert phone(f"+33 {begin[1:]} 20 12 34") == f"+{code}{begin[1:]}201234"
    assert is_phone(f"{begin}\u202f20\u202f12\u202f34", "CA")


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("01 99 00 12 34", "FR", "+33199001234"),
        ("01\u201199\u201100\u201112\u201134", "FR", "+33199001234"),
        ("0470 12 34 56", "BE", "+32470123456"),
        ("02 555 12 12", "BE", "+3225551212"),
        ("06 12 34 56 78", "BE", "+33612345678"),
        ("022 555 12 12", "CH", "+41225551212"),
        ("079 123 45 67", "CH", "+41791234567"),
        ("621 123 456", "LU", "+352621123456"),
        ("+352 621 123 456", "FR", "+352621123456"),
        ("0032 470 12 34 56", "FR", "+32470123456"),
    ],
)
def test_a_number_is_read_as_dialled_in_the_country(
    written: str, country: str, number: str
) -> None:
    assert phone(written, country) == number


@pytest.mark.parametrize("written", ["06 12 34", "0000000000", "Tél. 01 99 00 12 34", "+33 1 2"])
def test_what_nobody_has_is_rejected(written: str) -> None:
    with pytest.raises(WrongParameter):
        phone(written, "FR")


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ("Guyane, La Guyane, French Guiana", "GF"),
        ("Guyana", "GY"),
        ("Saint-Martin, Saint Martin, St-Martin", "MF"),
        ("St Barthélemy, Saint-Barth, SAINT BARTHELEMY", "BL"),
        ("Polynésie, Polynésie française, Tahiti", "PF"),
        ("Île Maurice, Maurice, I\u0302le Maurice", "MU"),
        ("Angleterre, Écosse, Royaume-Uni", "GB"),
        ("RDC", "CD"),
        ("Congo", "CG"),
        ("France métropolitaine, FRANCE, fra", "FR"),
        ("La Réunion, Réunion, île de la Réunion", "RE"),
        ("Martinique, la Martinique", "MQ"),
        ("Suisse, Switzerland", "CH"),
        ("Belgique", "BE"),
    ],
)
def test_countries_have_the_names_that_people_write(names: str, code: str) -> None:
    assert {country_code(name) for name in names.split(", ")} == {code}


@pytest.mark.parametrize(
    ("written", "country", "code", "rate"),
    [
        ("F-97 400", "FR", "97400", "8.50"),
        ("97300", "GF", "97300", "0.00"),
        ("75011 CEDEX 11", "FR", "75011", "20.00"),
        ("FR 75 011", "FR", "75011", "20.00"),
        ("L-1234", "LU", "L-1234", "17.00"),
        ("2A004", "FR", "2A004", "20.00"),
    ],
)
def test_a_french_post_code_is_five_digits(
    written: str, country: str, code: str, rate: str
) -> None:
    assert zipcode(written, country) == code
    assert str(vat_rate(country, code)) == rate
