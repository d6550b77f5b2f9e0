"""Provider contacts over HTTP: add, update, disable, enable, list, read."""

from starlette.responses import Response

from gerance.incidents import references
from gerance.incidents.command_endpoint import aggregate_for, carry_out, changed
from gerance.incidents.lists import (
    FULLTEXT,
    RANGE,
    answer_detail,
    answer_page,
    chosen,
    matching,
    self_link,
)
from gerance.incidents.messages import Stamp
from gerance.incidents.name_propagation import renamed
from gerance.incidents.provider_contacts import commands as c
from gerance.incidents.provider_contacts.decide import decide
from gerance.incidents.provider_contacts.events import ProviderContactEventResultView
from gerance.incidents.provider_contacts.evolve import evolve
from gerance.incidents.provider_contacts.state import ProviderContact
from gerance.incidents.provider_contacts.views import (
    PATH,
    PROVIDER_CONTACT,
    PROVIDER_CONTACTS,
    REACH,
    ProviderContactDetailedQueryView,
    ProviderContactResultView,
    rows,
)
from gerance.incidents.rights import Condition, reach, require_kind
from gerance.kernel.db import Connection
from gerance.kernel.errors import BadRequest, Refused
from gerance.kernel.http.endpoint import Call, Endpoint, Query
from gerance.kernel.log.writer import Change, Loaded, Reading
from gerance.kernel.wire import decode, members

CATEGORY = "provider_contact"
_WRITERS = ("superUser", "callCenterUser", "clientAccountManager")
_PROVIDER_COMPANY = (
    "EXISTS (SELECT FROM provider_company q WHERE q.uid = %(provider_company)s::uuid)"
)


async def _add(call: Call) -> Response:
    command: c.AddProviderContact = await call.message()
    principal = call.principal
    require_kind(principal, *_WRITERS)
    uid = aggregate_for(command.processUid, command.aggregateUid)

    def decided(loaded: Loaded, stamp: Stamp) -> Change:
        companies, provider_company_known = loaded.beside
        references.require_owner(principal, references.companies(companies), command.companyUid)
        if command.providerCompanyUid is not None and not provider_company_known:
            raise BadRequest(
                f"{command.providerCompanyUid} is no provider company - at `$.providerCompanyUid`"
            )
        state = decode(ProviderContact, loaded.state) if loaded.state else None
        events = decide(state, command, stamp)
        return changed(state, events, evolve, lambda contact: rows(contact, uid))

    return await carry_out(
        call,
        category=CATEGORY,
        aggregate=uid,
        process_uid=command.processUid,
        decide=decided,
        reading=references.together(
            references.companies_named([command.companyUid]),
            Reading((_PROVIDER_COMPANY,), {"provider_company": command.providerCompanyUid}),
        ),
        status=201,
    )


async def _increment(call: Call) -> Response:
    command: c.IncrementProviderContact = await call.message()
    principal = call.principal
    require_kind(principal, *_WRITERS)
    uid = call.uid("contact_uid")
    if uid is None:
        raise Refused(
            "ImpossibleToPerfomCommandOnNonExistingProviderContactCommand",
            "The path names no provider contact.",
        )

    def decided(loaded: Loaded, stamp: Stamp) -> Change:
        state = decode(ProviderContact, loaded.state) if loaded.state else None
        if state is not None:
            owner = references.place(loaded.beside[0])
            references.require_own(principal, owner, "This provider contact")
        events = decide(state, command, stamp)
        return changed(state, events, evolve, lambda contact: rows(contact, uid))

    async def afterwards(connection: Connection, change: Change) -> None:
        company = decode(ProviderContact, change.state).company
        await renamed(connection, column="parties", uid=uid, company=company)

    return await carry_out(
        call,
        category=CATEGORY,
        aggregate=uid,
        process_uid=command.processUid,
        decide=decided,
        reading=references.owner_in("provider_contact"),
        afterwards=afterwards if isinstance(command, c.UpdateProviderContact) else None,
    )


async def _list(call: Call) -> Response:
    conditions = [reach(call.principal, REACH), *matching(call, "t.name")]
    for name, column in (("companyuid", "t.company"), ("providercompanyuid", "t.provider_company")):
        if (uid := chosen(call, name)) is not None:
            conditions.append(Condition(f"{column} = %({name})s::uuid", {name: uid}))
    return await answer_page(call, PROVIDER_CONTACTS, conditions, links=[self_link(call)])


async def _read(call: Call) -> Response:
    mine = reach(call.principal, REACH)
    return await answer_detail(call, PROVIDER_CONTACT, "contact_uid", [mine])


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/vEvent/providercontacts",
        handler=_add,
        summary="Add a provider contact to a company",
        tag="Providers",
        body=c.AddProviderContact,
        answers={201: ProviderContactEventResultView},
        error_family="ProviderContactEventError",
    ),
    Endpoint(
        method="PATCH",
        path="/api/vEvent/providercontacts/{contact_uid}",
        handler=_increment,
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
