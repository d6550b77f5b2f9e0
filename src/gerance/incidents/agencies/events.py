"""The events of agencies, as on the wire and in the log: in the streams of their companies."""

import msgspec

from gerance.incidents.companies.events import CompanyEvent
from gerance.incidents.companies.values import RawAgency
from gerance.incidents.messages import Event
from gerance.kernel.wire import LocalDate


class AgencyCreated(Event):
    """A client account has a new agency."""

    createdDate: LocalDate
    agency: RawAgency


class AgencyUpdated(Event):
    """The description of an agency was replaced."""

    updatedDate: LocalDate
    agency: RawAgency


AgencyEvent = AgencyCreated | AgencyUpdated


class AgencyEventResultView(msgspec.Struct, frozen=True):
    events: list[AgencyEvent]


class CompanyChangeResultView(msgspec.Struct, frozen=True):
    """The events of a command at the path of a company: on itself, or on an agency of it."""

    events: list[CompanyEvent | AgencyEvent]
