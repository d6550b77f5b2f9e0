"""An agency belongs to one client account and is never created twice."""

import msgspec

from gerance.incidents.agencies.commands import CreateAgency, UpdateAgency
from gerance.incidents.agencies.events import AgencyCreated, AgencyEvent, AgencyUpdated
from gerance.incidents.companies.state import Company
from gerance.incidents.messages import Stamp, heading
from gerance.kernel.errors import Refused
from gerance.kernel.wire import SafeUUID


def decide(
    state: Company | None,
    command: CreateAgency | UpdateAgency,
    stamp: Stamp,
    *,
    agency: SafeUUID,
    taken: bool = False,
) -> list[AgencyEvent]:
    """The events of a command on the company's agency `agency`.

    `taken`: another company has an agency of this uid. Raises Refused with a code of
    CompanyEventError.
    """
    if state is None:
        raise Refused(
            "ImpossibleToPerfomCommandOnNonExistingCompany",
            f"There is no company {stamp.aggregate}.",
        )
    described = msgspec.structs.replace(command.agency, agencyUid=agency)
    at = heading(command, stamp)
    if isinstance(command, CreateAgency):
        if state.company_type != "ClientAccount":
            raise Refused(
                "ImpossibleToCreateAgencyInAnotherCompanyThatClientAccount",
                f"Only a ClientAccount has agencies, this is a {state.company_type}.",
            )
        if agency in state.agencies or taken:
            raise Refused("ImpossibleToCreateExistingAgency", f"The agency {agency} exists.")
        return [AgencyCreated(createdDate=command.createdDate, agency=described, **at)]
    if agency not in state.agencies:
        raise Refused(
            "ImpossibleToPerformCommandOnNonExistingAgency",
            f"The company has no agency {agency}.",
        )
    assert command.updatedDate is not None
    return [AgencyUpdated(updatedDate=command.updatedDate, agency=described, **at)]
