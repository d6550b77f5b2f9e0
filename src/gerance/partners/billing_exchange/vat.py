"""The rate of value added tax that a customer pays, by where it is.

The service is supplied electronically, so the standard rate of the customer's country applies
(directive 2006/112/EC, articles 58 and 96). Programmes ask for no VAT number, so no customer is
billed under the reverse charge: a company of another member state pays its country's rate too.
Outside the Union, and in the French territories that French law exempts, there is no tax.
"""

from decimal import Decimal

FRANCE = "FR"

RATES = {
    "AT": Decimal("20.00"), "BE": Decimal("21.00"), "BG": Decimal("20.00"),
    "CY": Decimal("19.00"), "CZ": Decimal("21.00"), "DE": Decimal("19.00"),
    "DK": Decimal("25.00"), "EE": Decimal("24.00"), "ES": Decimal("21.00"),
    "FI": Decimal("25.50"), "FR": Decimal("20.00"), "GR": Decimal("24.00"),
    "HR": Decimal("25.00"), "HU": Decimal("27.00"), "IE": Decimal("23.00"),
    "IT": Decimal("22.00"), "LT": Decimal("21.00"), "LU": Decimal("17.00"),
    "LV": Decimal("21.00"), "MC": Decimal("20.00"), "MT": Decimal("18.00"),
    "NL": Decimal("21.00"), "PL": Decimal("23.00"), "PT": Decimal("23.00"),
    "RO": Decimal("21.00"), "SE": Decimal("25.00"), "SI": Decimal("22.00"),
    "SK": Decimal("23.00"),
    # Guadeloupe, Martinique and La Réunion: Code général des impôts, article 296.
    "GP": Decimal("8.50"), "MQ": Decimal("8.50"), "RE": Decimal("8.50"),
}  # fmt: skip
"""Percent, by ISO 3166 code; Monaco counts as France. A country that is not here has no tax."""

NONE = Decimal("0.00")

_OVERSEAS = {"971": "GP", "972": "MQ", "974": "RE"}
"""French territories with a rate of their own, by the beginning of their post codes.

The other ones (973 and 976: article 294 of the code; 975, 977, 978, 984, 986, 987, 988: outside
the territory of the tax) have none.
"""


def vat_rate(country: str, zipcode: str) -> Decimal:
    """The rate in percent, with two decimals. `country`: ISO 3166 alpha-2.

    A French post code says more than the country: many write France for La Réunion.
    """
    if country == FRANCE:
        territory = zipcode.replace(" ", "")[:3]
        if territory.startswith(("97", "98")) and territory != "980":
            return RATES.get(_OVERSEAS.get(territory, ""), NONE)
    return RATES.get(country, NONE)
