"""The parameters of a request that describe a client (contract `parameters`)."""

from typing import Any, NamedTuple

import msgspec

from gerance.kernel.errors import Language
from gerance.partners.lifecycle.state import Details
from gerance.partners.parameters import values
from gerance.partners.parameters.parser import Reader
from gerance.partners.parameters.problems import ParameterProblem, WrongParameter, reject_parameters
from gerance.partners.programme.programme import Programme

LONGEST: dict[str, int] = {
    "partner_code": 40,
    "partner": 100,
    "campaign_code": 40,
    "client_id": 100,
    "lastname": 100,
    "firstname": 100,
    "client_title": 40,
    "company_name": 200,
    "siret": 30,
    "email": 254,
    "phone_number1": 40,
    "phone_number2": 40,
    "address1": 200,
    "address2": 200,
    "zipcode": 20,
    "city": 100,
    "country": 100,
    "typology": 9,
    "other_info": 4000,
}
"""The maximum length of each parameter in characters."""

MANDATORY = frozenset(
    ("partner_code", "partner", "client_id", "lastname", "email", "phone_number1", "zipcode",
     "city", "country", "typology")
)  # fmt: skip


class ClientParameters(msgspec.Struct):
    """The parameters for the documentation. Each is validated separately."""

    partner_code: str
    partner: str
    client_id: str
    lastname: str
    email: str
    phone_number1: str
    zipcode: str
    city: str
    country: str
    typology: int
    campaign_code: str | None = None
    firstname: str | None = None
    client_title: str | None = None
    company_name: str | None = None
    siret: str | None = None
    phone_number2: str | None = None
    address1: str | None = None
    address2: str | None = None
    other_info: str | None = None


class ClientDescription(NamedTuple):
    """The client that a request describes."""

    client_id: str
    details: Details


def read_client(
    parameters: dict[str, list[Any]], programme: Programme, language: Language
) -> ClientDescription:
    """The client that a request of the programme's partner describes.

    Raises Rejection: 403 `OtherPartner`; 400 `InvalidParameters`, which names every wrong
    parameter.
    """
    read = Reader(parameters)

    def text(name: str) -> str:
        return read.text(name, LONGEST[name], required=name in MANDATORY)

    def optional(name: str, *, lines: bool = False) -> str | None:
        return read.optional(name, LONGEST[name], lines=lines)

    def value(name: str, check: Any) -> Any:
        return read.value(name, check, LONGEST[name], required=name in MANDATORY)

    check_partner(read, "partner_code", programme.partner, language)
    campaign = value("campaign_code", programme.campaign)
    country = value("country", values.country)

    def phone(name: str) -> Any:
        return value(name, lambda text: values.phone(text, country or values.FRANCE))

    details = Details(
        source=value("partner", programme.source),
        campaign_code=campaign.code if campaign else None,
        lastname=text("lastname"),
        firstname=optional("firstname"),
        client_title=optional("client_title"),
        company_name=optional("company_name"),
        siret=value("siret", values.firm),
        email=value("email", values.email) or "",
        phone_number1=phone("phone_number1") or "",
        phone_number2=phone("phone_number2"),
        address1=optional("address1"),
        address2=optional("address2"),
        zipcode=values.zipcode(text("zipcode"), country or values.FRANCE),
        city=text("city"),
        country=country,
        typology=value("typology", programme.typology),
        other_info=optional("other_info", lines=True),
    )
    client_id = value("client_id", check_client_id) or ""
    if read.wrong:
        raise reject_parameters(_in_order(read.wrong))
    return ClientDescription(client_id, details)


def client_id_in(parameters: dict[str, list[Any]]) -> str:
    """The client_id of a request; empty without a valid one."""
    return Reader(parameters).value("client_id", check_client_id, LONGEST["client_id"]) or ""


def check_partner(read: Reader, name: str, partner: str, language: Language) -> None:
    """Report a missing code. Raises Rejection (403 `OtherPartner`) for another partner's code."""
    code = read.text(name, LONGEST["partner_code"], required=True)
    if code and code != partner:
        wrong = [ParameterProblem(name, "other_partner")]
        raise reject_parameters(wrong, code="OtherPartner")


def check_client_id(text: str) -> str:
    """A client_id. It is part of URLs, so it has no slash."""
    if "/" in text or "\\" in text or text in (".", ".."):
        raise WrongParameter("control")
    return text


def _in_order(wrong: list[ParameterProblem]) -> list[ParameterProblem]:
    order = list(LONGEST)
    return sorted(wrong, key=lambda each: order.index(each.parameter))
