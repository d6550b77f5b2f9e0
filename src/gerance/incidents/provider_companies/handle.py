"""A command on a provider company, and what it changes. It refers to nothing else."""

from gerance.incidents.aggregate import Aggregate, CommandOutcome, Visibility
from gerance.incidents.messages import Stamp
from gerance.incidents.provider_companies.commands import ReferenceProviderCompany
from gerance.incidents.provider_companies.decide import decide
from gerance.incidents.provider_companies.events import ProviderCompanyReferenced
from gerance.incidents.provider_companies.evolve import evolve
from gerance.incidents.provider_companies.state import ProviderCompany
from gerance.incidents.provider_companies.views import rows
from gerance.incidents.rights import Condition
from gerance.kernel.identity.principal import Principal
from gerance.kernel.log.writer import AggregateRow


def handle(
    command: ReferenceProviderCompany, principal: Principal, snapshot: AggregateRow, stamp: Stamp
) -> CommandOutcome:
    """What the command makes. Raises Rejection."""
    return AGGREGATE.change(AGGREGATE.load(snapshot), command, stamp)


AGGREGATE = Aggregate(
    name="provider_company",
    category="provider_company",
    commands=ReferenceProviderCompany,
    events=ProviderCompanyReferenced,
    state=ProviderCompany,
    decide=decide,
    evolve=evolve,
    project=rows,
    visible=Visibility("provider_company q", "q.uid", lambda _: Condition("true")),
    handle=handle,
)
