"""What happened to an agency: told in its company's stream."""

import msgspec

from gerance.incidents.companies.values import RawAgency
from gerance.incidents.messages import Event
from gerance.kernel.wire import LocalDate


class AgencyCreated(Event):
    createdDate: LocalDate
    agency: RawAgency


class AgencyUpdated(Event):
    updatedDate: LocalDate
    agency: RawAgency


AgencyEvent = AgencyCreated | AgencyUpdated


class AgencyEventResultView(msgspec.Struct, frozen=True):
    events: list[AgencyEvent]
