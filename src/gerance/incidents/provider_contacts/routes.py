"""Provider contacts over HTTP: add, update, disable, enable, list, read."""

from starlette.responses import Response

from gerance.incidents.command_endpoint import change, create
from gerance.incidents.editions import edition_of
from gerance.incidents.lists import (
    FULLTEXT,
    RANGE,
    answer_detail,
    answer_page,
    fulltext_conditions,
    self_link,
    uid_parameter,
    uids_parameter,
)
from gerance.incidents.provider_contacts import commands as c
from gerance.incidents.provider_contacts.events import ProviderContactEventResultView
from gerance.incidents.provider_contacts.handle import AGGREGATE
from gerance.incidents.provider_contacts.views import (
    COMMANDS_PATH,
    PATH,
    REACH,
    ProviderContactDetailedQueryView,
    ProviderContactResultView,
    provider_contact,
    provider_contacts,
)
from gerance.incidents.rights import Condition, reach
from gerance.kernel.http.endpoint import Call, Endpoint, Query
from gerance.kernel.wire import members


async def _list(call: Call) -> Response:
    conditions = [reach(call.principal, REACH), *fulltext_conditions(call, "t.name")]
    for name, column in (("companyuid", "t.company"), ("providercompanyuid", "t.provider_company")):
        if (uid := uid_parameter(call, name)) is not None:
            conditions.append(Condition(f"{column} = %({name})s::uuid", {name: uid}))
    for name, column in (("agencyuids", "t.agencies"), ("patrimonyuids", "t.patrimonies")):
        if uids := uids_parameter(call, name):
            conditions.append(Condition(f"{column} && %({name})s::uuid[]", {name: uids}))
    listing = provider_contacts(edition_of(call.principal))
    return await answer_page(call, listing, conditions, links=[self_link(call)])


async def _read(call: Call) -> Response:
    principal = call.principal
    is_writer = principal.kind in c.UpdateProviderContact.senders
    edition = edition_of(principal)
    commands = _LINKED_COMMANDS if is_writer and edition == "2020" else ()
    listing = provider_contact(edition, commands)
    return await answer_detail(call, listing, "contact_uid", [reach(principal, REACH)])


_LINKED_COMMANDS = (
    "AssociateProviderContactToAgency",
    "DissociateProviderContactFromAgency",
    "UpdateProviderContact",
    "DisableProviderContact",
    "EnableProviderContact",
)
"""The commands in the links of a contact, as the reference lists them."""

ENDPOINTS = (
    Endpoint(
        method="POST",
        path=COMMANDS_PATH,
        handler=create(AGGREGATE),
        summary="Add a provider contact to a company or a call centre",
        tag="Providers",
        body=c.AddProviderContact,
        answers={201: ProviderContactEventResultView},
        error_family="ProviderContactEventError",
    ),
    Endpoint(
        method="PATCH",
        path=f"{COMMANDS_PATH}/{{contact_uid}}",
        handler=change(AGGREGATE, "contact_uid"),
        summary="Update a provider contact, or change its associations",
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
            Query("agencyuids", "Only those of one of these agencies, by comma or repeated."),
            Query("providercompanyuid", "Only those of this provider company."),
            Query("patrimonyuids", "Only those of one of these patrimonies, by comma or repeated."),
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
