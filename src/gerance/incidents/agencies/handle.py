"""A command on an agency: what it reads, who may send it, what it changes in its company."""

from typing import Any

import msgspec

from gerance.incidents import references
from gerance.incidents.agencies.commands import AgencyCommand, UpdateAgency
from gerance.incidents.agencies.decide import decide, unknown
from gerance.incidents.agencies.events import AgencyEvent
from gerance.incidents.agencies.evolve import evolve
from gerance.incidents.agencies.views import REACH
from gerance.incidents.aggregate import Aggregate, CommandOutcome, Visibility, within
from gerance.incidents.companies.state import Company
from gerance.incidents.companies.views import agency_rows, below_company
from gerance.incidents.messages import Stamp
from gerance.incidents.name_propagation import after_renaming
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.eventlog import LoggedEvent
from gerance.kernel.log.writer import Afterwards, AggregateRow, Projection, Reading
from gerance.kernel.wire import SafeUUID, decode

_UID_IN_USE = "EXISTS (SELECT FROM agency a WHERE a.uid = %(agency)s::uuid)"


def reading(command: AgencyCommand, principal: Principal, uid: SafeUUID) -> Reading:
    """The company, and whether any company has an agency with this uid."""
    return references.together(
        references.companies_named([uid]),
        Reading((_UID_IN_USE,), {"agency": command.agency.agencyUid}),
    )


def handle(
    command: AgencyCommand, principal: Principal, snapshot: AggregateRow, stamp: Stamp
) -> CommandOutcome:
    """What the command makes. Raises Rejection."""
    companies, uid_in_use = snapshot.extra
    state = AGGREGATE.load(snapshot)
    if state is not None:
        company = references.companies(companies).get(stamp.aggregate)
        references.require_own(principal, company, "This company")
    return AGGREGATE.change(state, command, stamp, uid_in_use=uid_in_use)


def _rows(state: Company, uid: SafeUUID) -> list[Projection]:
    return [agency_rows(state, uid, state.agencies)]


def _afterwards(command: Any, uid: SafeUUID) -> Afterwards | None:
    if not isinstance(command, UpdateAgency) or command.agency.agencyUid is None:
        return None
    return after_renaming("agencies", command.agency.agencyUid)


class _AgencyUid(msgspec.Struct):
    agencyUid: SafeUUID


class _AgencyOfEvent(msgspec.Struct):
    """The part of an event that names its agency."""

    agency: _AgencyUid


def _subject(event: LoggedEvent) -> str:
    return decode(_AgencyOfEvent, event.data).agency.agencyUid


AGGREGATE = Aggregate(
    name="agency",
    category="company",
    commands=AgencyCommand,
    events=AgencyEvent,
    state=Company,
    decide=decide,
    evolve=evolve,
    project=_rows,
    visible=Visibility(
        "agency a", "a.uid", below_company("a.company", within(REACH)), REACH.agencies
    ),
    reading=reading,
    handle=handle,
    unknown=unknown,
    subject=_subject,
    afterwards=_afterwards,
)
"""Agencies are parts of their company: their events are in its stream, and its state has them."""
