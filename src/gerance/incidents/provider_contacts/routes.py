"""Provider contacts over HTTP: add, update, disable, enable, list, read."""

from starlette.responses import Response

from gerance.incidents.command_endpoint import change, create
from gerance.incidents.lists import (
    FULLTEXT,
    RANGE,
    answer_detail,
    answer_page,
    fulltext_conditions,
    self_link,
    uid_parameter,
)
from gerance.incidents.provider_contacts import commands as c
from gerance.incidents.provider_contacts.events import ProviderContactEventResultView
from gerance.incidents.provider_contacts.handle import AGGREGATE
from gerance.incidents.provider_contacts.views import (
    PATH,
    PROVIDER_CONTACT,
    PROVIDER_CONTACTS,
    REACH,
    ProviderContactDetailedQueryView,
    ProviderContactResultView,
)
from gerance.incidents.rights import Condition, reach
from gerance.kernel.http.endpoint import Call, Endpoint, Query
from gerance.kernel.wire import members


async def _list(call: Call) -> Response:
    conditions = [reach(call.principal, REACH), *fulltext_conditions(call, "t.name")]
    for name, column in (("companyuid", "t.company"), ("providercompanyuid", "t.provider_company")):
        if (uid := uid_parameter(call, name)) is not None:
            conditions.append(Condition(f"{column} = %({name})s::uuid", {name: uid}))
    return await answer_page(call, PROVIDER_CONTACTS, conditions, links=[self_link(call)])


async def _read(call: Call) -> Response:
    mine = reach(call.principal, REACH)
    return await answer_detail(call, PROVIDER_CONTACT, "contact_uid", [mine])


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/vEvent/providercontacts",
        handler=create(AGGREGATE),
        summary="Add a provider contact to a company",
        tag="Providers",
        body=c.AddProviderContact,
        answers={201: ProviderContactEventResultView},
        error_family="ProviderContactEventError",
    ),
    Endpoint(
        method="PATCH",
        path="/api/vEvent/providercontacts/{contact_uid}",
        handler=change(AGGREGATE, "contact_uid"),
        summary="Update, disable or enable a provider contact",
        description=", ".join(kind.__name__ for kind in members(c.IncrementProviderContact)),
        tag="Providers",
        body=c.IncrementProviderContact,
        answers={200: ProviderContactEventResultView},
        error_family="ProviderContactEventError",
    ),
    Endpoint(
        method="GET",
        path=PATH,
        handler=_list,
        summary="Provider contacts by name",
        tag="Providers",
        query=(
            RANGE,
            Query("companyuid", "Only those of this company."),
            Query("providercompanyuid", "Only those of this provider company."),
            FULLTEXT,
        ),
        answers={200: ProviderContactResultView, 206: ProviderContactResultView},
    ),
    Endpoint(
        method="GET",
        path=f"{PATH}/{{contact_uid}}",
        handler=_read,
        summary="A provider contact",
        tag="Providers",
        answers={200: ProviderContactDetailedQueryView},
    ),
)
