"""A provider company is referenced once."""

from gerance.incidents.messages import Stamp, heading
from gerance.incidents.provider_companies.commands import ReferenceProviderCompany
from gerance.incidents.provider_companies.events import ProviderCompanyReferenced
from gerance.incidents.provider_companies.state import ProviderCompany
from gerance.kernel.errors import Rejection


def decide(
    state: ProviderCompany | None, command: ReferenceProviderCompany, stamp: Stamp
) -> list[ProviderCompanyReferenced]:
    """The events of a command. Raises Rejection with a code of ProviderCompanyEventError."""
    if state is not None:
        raise Rejection(
            "ImpossibleToReferenceAlreadyExistingProviderCompany",
            f"The provider company {stamp.aggregate} already exists.",
        )
    return [
        ProviderCompanyReferenced(
            name=command.name, siretNumber=command.siretNumber, **heading(command, stamp)
        )
    ]
