"""Comparison of the client in a message with the stored client of the same number.

A valid message with a wrong number refers to another contract. Comparison ignores accents, case,
punctuation and word order.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Any

import msgspec

from gerance.kernel.fold import fold, words
from gerance.kernel.wire import encode
from gerance.partners.lifecycle.state import Customer
from gerance.partners.parameters.problems import WrongParameter
from gerance.partners.parameters.values import phone
from gerance.partners.proposals.problems import ProposalProblem

_TITLES = frozenset(
    ("m", "mr", "mrs", "ms", "mme", "mlle", "monsieur", "madame", "mademoiselle", "et", "ou", "and",
     "sa", "sas", "sasu", "sarl", "eurl", "sci", "ei", "eirl", "snc", "ste", "societe", "ets",
     "etablissements", "entreprise", "client", "le", "la")
)  # fmt: skip
_STREETS = frozenset(
    ("rue", "r", "avenue", "av", "ave", "boulevard", "bd", "bld", "blvd", "place", "pl", "chemin",
     "ch", "che", "chem", "route", "rte", "impasse", "imp", "allee", "allees", "all", "quai",
     "cours", "square", "sq", "passage", "pass", "faubourg", "fg", "fbg", "saint", "st", "sainte",
     "ste", "de", "du", "des", "d", "la", "le", "les", "l", "cedex", "france", "fr", "bat",
     "batiment")
)  # fmt: skip

_CEDEX = re.compile(r"\bcedex(?:\s+\d{1,2})?\b", re.IGNORECASE)


class ClientClaims(msgspec.Struct, frozen=True, omit_defaults=True):
    """The claims of a message about its client, as written. Each may have several values.

    `unclear`: lines about the client that were not recognised.
    """

    name: tuple[str, ...] = ()
    number: tuple[str, ...] = ()
    email: tuple[str, ...] = ()
    phone: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    siret: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()


class Row(msgspec.Struct, frozen=True):
    """A property of the client. `same`: whether the message agrees, None without a claim."""

    field: str
    stored: str
    claim: tuple[str, ...]
    same: bool | None


def compare(customer: Customer, claims: ClientClaims) -> list[Row]:
    """The stored values and the claims. A property without either is omitted."""
    details = customer.details
    name = " ".join(filter(None, (details.client_title, details.firstname, details.lastname)))
    place = " ".join(filter(None, (details.zipcode, details.city)))
    address = ", ".join(filter(None, (details.address1, details.address2, place, details.country)))
    phones = tuple(filter(None, (details.phone_number1, details.phone_number2)))
    names = (details.firstname, details.lastname, details.company_name)
    rows = [
        _row("name", " · ".join(filter(None, (name, details.company_name))), claims.name,
             [_is_name(each, *names) for each in claims.name]),
        # The subject gave the number by which the customer was found; the text may give another.
        _row("number", customer.client_id, claims.number or (customer.client_id,),
             [words(each) == words(customer.client_id) for each in claims.number]),
        # A message may give another person's address or number besides the client's own.
        _row("email", details.email, claims.email,
             [any(fold(each) == fold(details.email) for each in claims.email)]),
        _row("phone", ", ".join(phones), claims.phone,
             [any(_phone(each) in map(_phone, phones) for each in claims.phone)]),
        _row("address", address, claims.address,
             [_is_address(each, address) for each in claims.address]),
        _row("siret", details.siret or "", claims.siret,
             [_is_siret(each, details.siret or "") for each in claims.siret]),
    ]  # fmt: skip
    return [row for row in rows if row.stored or row.claim]


def mismatches(customer: Customer, claims: ClientClaims | None) -> list[ProposalProblem]:
    """What an operator must check before approval: a different property, text that was not
    recognised, or a message that confirms the number by nothing.

    `claims`: None for a proposal that does not come from a message.
    """
    if claims is None:
        return []
    rows = compare(customer, claims)
    problems = [
        ProposalProblem(f"other_{row.field}", (", ".join(row.claim), row.stored or "–"))
        for row in rows
        if row.same is False
    ]
    if claims.unclear:
        problems.append(ProposalProblem("not_understood", (" ; ".join(claims.unclear),)))
    if not problems and not any(row.same for row in rows if row.field != "number"):
        return [ProposalProblem("number_only", (customer.client_id,))]
    return problems


def version_of(customer: Customer | None) -> str:
    """A hash of what a page shows of a customer, which changes when an approval could have another
    effect. It does not change with time."""
    if customer is None:
        return ""
    content: tuple[Any, ...] = (
        customer.details, customer.service_starting_date, customer.offers,
        customer.end_of_contract_date, customer.unsubscription_reason,
    )  # fmt: skip
    return hashlib.sha256(encode(content)).hexdigest()[:16]


def _row(field: str, stored: str, claim: tuple[str, ...], verdicts: Iterable[bool]) -> Row:
    return Row(field, stored, claim, all(verdicts) if claim else None)


def _is_name(claim: str, first: str | None, last: str, company: str | None) -> bool:
    """Whether every word is a word of the client's names or an initial, and at least one is part of
    the last name or the company."""
    claim_words = _name_words(claim)
    family = {*_name_words(last), *_name_words(company or "")}
    stored_words = family | set(_name_words(first or ""))
    if "".join(claim_words) in {"".join(_name_words(f"{a} {b}")) for a, b in _orders(first, last)}:
        return bool(claim_words)
    # Where no first name is stored, none can be compared.
    fits = first is None or all(
        word in stored_words
        or (len(word) == 1 and any(each.startswith(word) for each in stored_words))
        for word in claim_words
    )
    return fits and bool(family.intersection(claim_words))


def _orders(first: str | None, last: str) -> list[tuple[str, str]]:
    return [(first or "", last), (last, first or "")]


def _name_words(text: str) -> list[str]:
    problems = words(text.replace("'", "").replace("\u2019", ""))
    return [word for word in problems if word not in _TITLES]


def _is_address(claim: str, stored: str) -> bool:
    """Whether all its significant words are in the stored address."""
    claim_words = set(words(_CEDEX.sub("", claim))) - _STREETS
    return bool(claim_words) and claim_words <= set(words(_CEDEX.sub("", stored)))


def _is_siret(claim: str, stored: str) -> bool:
    """Whether the numbers are the same. The first nine digits name the company."""
    digits, stored_digits = ("".join(filter(str.isdigit, text)) for text in (claim, stored))
    return min(len(digits), len(stored_digits)) >= 9 and (
        digits.startswith(stored_digits) or stored_digits.startswith(digits)
    )


def _phone(text: str) -> str:
    try:
        return phone(text)
    except WrongParameter:
        return "".join(filter(str.isdigit, text))
