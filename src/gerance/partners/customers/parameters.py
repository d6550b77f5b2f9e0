"""The parameters of requests on customers."""

from datetime import date
from typing import Any, NamedTuple

import msgspec

from gerance.kernel.errors import Language
from gerance.kernel.http.endpoint import Call
from gerance.partners.client_parameters import LONGEST
from gerance.partners.customers.commands import OfferMonths, Terminate
from gerance.partners.lifecycle.state import STATUSES
from gerance.partners.parameters import values
from gerance.partners.parameters.parser import Reader
from gerance.partners.parameters.problems import ParameterProblem, WrongParameter, reject_parameters

LONGEST_REASON = 1000
MOST_LISTED = 500


class OfferParameters(msgspec.Struct):
    """`months`: from 1 to 120; null (or, in a form, empty) for good."""

    months: int | None
    reason: str | None = None


class TerminateParameters(msgspec.Struct):
    """`end_of_contract_date`: the last day of the contract."""

    end_of_contract_date: date
    reason: str | None = None


class ListQuery(NamedTuple):
    """The filters and the size of a page of customers."""

    status: str | None
    after: str | None
    limit: int


def read_offer(parameters: dict[str, list[Any]], language: Language) -> OfferMonths:
    """The offer of a request. Raises Rejection (400 `InvalidParameters`)."""
    read = Reader(parameters)
    if not read.has("months"):
        read.wrong.append(ParameterProblem("months", "missing"))
    months = read.value("months", values.months, 9)
    reason = read.optional("reason", LONGEST_REASON, lines=True)
    if read.wrong:
        raise reject_parameters(read.wrong)
    return OfferMonths(months, reason)


def read_termination(parameters: dict[str, list[Any]], language: Language) -> Terminate:
    """The termination of a request. Raises Rejection (400 `InvalidParameters`)."""
    read = Reader(parameters)
    day = read.value("end_of_contract_date", values.day, 10, required=True)
    reason = read.optional("reason", LONGEST_REASON, lines=True)
    if read.wrong or day is None:
        raise reject_parameters(read.wrong)
    return Terminate(day, reason)


def read_list_query(call: Call, language: Language) -> ListQuery:
    """The query of a list. Raises Rejection (400 `InvalidParameters`)."""
    query = call.request.query_params
    read = Reader({name: query.getlist(name) for name in query})
    status = read.value("status", _status, 20)
    after = read.optional("after", LONGEST["client_id"])
    limit = read.value("limit", _limit, 9)
    if read.wrong:
        raise reject_parameters(read.wrong)
    return ListQuery(status, after, limit or MOST_LISTED)


def _status(text: str) -> str:
    if text not in STATUSES:
        raise WrongParameter("status")
    return text


def _limit(text: str) -> int:
    return values.between(text, MOST_LISTED, "limit")
