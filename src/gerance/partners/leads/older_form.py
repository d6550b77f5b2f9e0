"""The contact form of the older edition, without a client_id.

The client_id is derived from the e-mail address, so a person stays one lead.
"""

import hashlib

import msgspec

from gerance.kernel.errors import Language
from gerance.partners.client_parameters import LONGEST, ClientDescription, check_partner
from gerance.partners.lifecycle.state import Details
from gerance.partners.parameters import values
from gerance.partners.parameters.parser import Reader
from gerance.partners.parameters.problems import ParameterProblem, reject_parameters

_CLIENT_ID_LENGTH = 20


class OlderForm(msgspec.Struct):
    """The parameters of the form, for the documentation. One of the two phones is required."""

    firstname: str
    lastname: str
    email: str
    code_partner: str
    phone_number: str | None = None
    cell: str | None = None
    job_category: str | None = None
    other_info: str | None = None


def read_older_form(
    parameters: dict[str, list[object]], partner: str, language: Language
) -> ClientDescription:
    """The client that a form of the partner describes.

    Raises Rejection: 403 `OtherPartner`; 400 `InvalidParameters`, which names every wrong
    parameter.
    """
    read = Reader(parameters)
    check_partner(read, "code_partner", partner, language)
    firstname = read.text("firstname", LONGEST["firstname"], required=True)
    lastname = read.text("lastname", LONGEST["lastname"], required=True)
    email = read.value("email", values.email, LONGEST["email"], required=True) or ""
    phones = [read.value(name, values.phone, LONGEST["phone_number1"]) for name in _PHONES]
    numbers = [each for each in phones if each is not None]
    if not numbers and not any(wrong.parameter in _PHONES for wrong in read.wrong):
        read.wrong.append(ParameterProblem(_PHONES[0], "missing_phone"))
    job_category = read.optional("job_category", 200)
    other_info = read.optional("other_info", LONGEST["other_info"], lines=True)
    if read.wrong:
        raise reject_parameters(read.wrong)
    details = Details(
        firstname=firstname,
        lastname=lastname,
        email=email,
        phone_number1=numbers[0],
        phone_number2=numbers[1] if len(numbers) > 1 else None,
        job_category=job_category,
        other_info=other_info,
    )
    return ClientDescription(client_id_of(email), details)


_PHONES = ("phone_number", "cell")


def client_id_of(email: str) -> str:
    """20 hexadecimal digits: of the SHA-256 of the address in lower case, in UTF-8."""
    return hashlib.sha256(email.lower().encode()).hexdigest()[:_CLIENT_ID_LENGTH]
