"""An agency belongs to one client account and is never created twice."""

from gerance.incidents.agencies.commands import CreateAgency, UpdateAgency
from gerance.incidents.agencies.events import AgencyCreated, AgencyEvent, AgencyUpdated
from gerance.incidents.companies import decide as companies
from gerance.incidents.companies.state import Company
from gerance.incidents.messages import Stamp, heading
from gerance.kernel.errors import Rejection


def decide(
    state: Company | None,
    command: CreateAgency | UpdateAgency,
    stamp: Stamp,
    *,
    uid_in_use: bool = False,
) -> list[AgencyEvent]:
    """The events of a command on an agency of the company. The command has the agency's uid.

    `uid_in_use`: another company has an agency of this uid. Raises Rejection with a code of
    CompanyEventError.
    """
    if state is None:
        raise companies.unknown(stamp.aggregate)
    agency = command.agency.agencyUid
    assert agency is not None
    at = heading(command, stamp)
    if isinstance(command, CreateAgency):
        if state.company_type != "ClientAccount":
            raise Rejection(
                "ImpossibleToCreateAgencyInAnotherCompanyThatClientAccount",
                f"Only a ClientAccount can have agencies; this company is a {state.company_type}.",
            )
        if agency in state.agencies or uid_in_use:
            raise Rejection(
                "ImpossibleToCreateExistingAgency", f"The agency {agency} already exists."
            )
        return [AgencyCreated(createdDate=command.createdDate, agency=command.agency, **at)]
    if agency not in state.agencies:
        raise unknown(agency)
    assert command.updatedDate is not None
    return [AgencyUpdated(updatedDate=command.updatedDate, agency=command.agency, **at)]


def unknown(uid: str) -> Rejection:
    """The rejection of a command on an agency that does not exist."""
    return Rejection(
        "ImpossibleToPerformCommandOnNonExistingAgency", f"The company has no agency {uid}."
    )
