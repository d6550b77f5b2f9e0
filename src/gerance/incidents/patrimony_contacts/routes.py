"""Patrimony contacts over HTTP: reference, link with a user, list, read."""

from starlette.responses import Response

from gerance.incidents import references
from gerance.incidents.command_endpoint import aggregate_for, carry_out, changed
from gerance.incidents.lists import (
    FULLTEXT,
    RANGE,
    all_chosen,
    answer_detail,
    answer_page,
    chosen,
    matching,
    self_link,
)
from gerance.incidents.messages import Stamp
from gerance.incidents.name_propagation import renamed
from gerance.incidents.patrimony_contacts import commands as c
from gerance.incidents.patrimony_contacts.decide import decide
from gerance.incidents.patrimony_contacts.events import PatrimonyContactEventResultView
from gerance.incidents.patrimony_contacts.evolve import evolve
from gerance.incidents.patrimony_contacts.links import linked, named
from gerance.incidents.patrimony_contacts.state import PatrimonyContact
from gerance.incidents.patrimony_contacts.views import (
    PATH,
    PATRIMONY_CONTACTS,
    PatrimonyContactQueryView,
    PatrimonyContactResultView,
    rows,
)
from gerance.incidents.rights import (
    OF_PATRIMONY_CONTACTS,
    Condition,
    reach,
    require_kind,
)
from gerance.kernel.db import Connection
from gerance.kernel.errors import BadRequest, Refused
from gerance.kernel.http.endpoint import Call, Endpoint, Query
from gerance.kernel.log.writer import Change, Loaded
from gerance.kernel.wire import decode

CATEGORY = "patrimony_contact"
_WRITERS = ("superUser", "callCenterUser", "clientAccountManager", "executive")


async def _reference(call: Call) -> Response:
    command: c.ReferencePatrimonyContact = await call.message()
    principal = call.principal
    require_kind(principal, *_WRITERS)
    uid = aggregate_for(command.processUid, command.aggregateUid)
    links = command.linkedWithEntities

    def decided(loaded: Loaded, stamp: Stamp) -> Change:
        patrimonies, lots = loaded.beside
        company, where = linked(principal, links, patrimonies, lots, "$.linkedWithEntities")
        state = decode(PatrimonyContact, loaded.state) if loaded.state else None
        events = decide(state, command, stamp, company=company, patrimony_of=where)
        return changed(state, events, evolve, lambda contact: rows(contact, uid))

    return await carry_out(
        call,
        category=CATEGORY,
        aggregate=uid,
        process_uid=command.processUid,
        decide=decided,
        reading=named(links),
        status=201,
    )


async def _link_with_user(call: Call) -> Response:
    command: c.LinkPatrimonyContactWithUser = await call.message()
    principal = call.principal
    require_kind(principal, *_WRITERS)
    uid = call.uid("contact_uid")
    if uid is None:
        raise Refused(
            "ImpossibleToPerformCommandOnNonExistingPatrimonyContact",
            "The path names no patrimony contact.",
        )

    def decided(loaded: Loaded, stamp: Stamp) -> Change:
        own, users = loaded.beside
        state = decode(PatrimonyContact, loaded.state) if loaded.state else None
        if state is not None:
            references.require_own(principal, references.place(own), "This patrimony contact")
            user = references.places(users).get(command.userUid)
            if user is None or user.company != state.company:
                raise BadRequest(
                    f"{command.userUid} is no user of the contact's company - at `$.userUid`"
                )
        events = decide(state, command, stamp, company=uid)
        return changed(state, events, evolve, lambda contact: rows(contact, uid))

    async def afterwards(connection: Connection, change: Change) -> None:
        company = decode(PatrimonyContact, change.state).company
        await renamed(connection, column="parties", uid=uid, company=company)

    return await carry_out(
        call,
        category=CATEGORY,
        aggregate=uid,
        process_uid=command.processUid,
        decide=decided,
        reading=references.together(
            references.owner_in(
                "patrimony_contact",
                f", 'agencies', to_json({OF_PATRIMONY_CONTACTS.agencies}),"
                " 'patrimonies', t.patrimonies",
            ),
            references.users_named([command.userUid]),
        ),
        afterwards=afterwards,
    )


async def _list(call: Call) -> Response:
    conditions = [reach(call.principal, OF_PATRIMONY_CONTACTS), *matching(call, "t.name")]
    if patrimonies := all_chosen(call, "patrimonyuids"):
        conditions.append(
            Condition("t.patrimonies && %(patrimonies)s::uuid[]", {"patrimonies": patrimonies})
        )
    if (lot := chosen(call, "lotuid")) is not None:
        conditions.append(Condition("t.lots @> ARRAY[%(lot)s::uuid]", {"lot": lot}))
    return await answer_page(call, PATRIMONY_CONTACTS, conditions, links=[self_link(call)])


async def _read(call: Call) -> Response:
    mine = reach(call.principal, OF_PATRIMONY_CONTACTS)
    return await answer_detail(call, PATRIMONY_CONTACTS, "contact_uid", [mine])


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/vEvent/patrimonycontacts",
        handler=_reference,
        summary="Reference a contact of patrimonies",
        tag="Patrimonies",
        body=c.ReferencePatrimonyContact,
        answers={201: PatrimonyContactEventResultView},
        error_family="PatrimonyContactEventError",
    ),
    Endpoint(
        method="PATCH",
        path="/api/vEvent/patrimonycontacts/{contact_uid}",
        handler=_link_with_user,
        summary="Say which user a contact is",
        tag="Patrimonies",
        body=c.LinkPatrimonyContactWithUser,
        answers={200: PatrimonyContactEventResultView},
        error_family="PatrimonyContactEventError",
    ),
    Endpoint(
        method="GET",
        path=PATH,
        handler=_list,
        summary="Contacts of patrimonies, by name",
        tag="Patrimonies",
        query=(
            RANGE,
            Query("patrimonyuids", "Only those of one of these patrimonies, by comma."),
            Query("lotuid", "Only those who are linked with this lot."),
            FULLTEXT,
        ),
        answers={200: PatrimonyContactResultView, 206: PatrimonyContactResultView},
    ),
    Endpoint(
        method="GET",
        path=f"{PATH}/{{contact_uid}}",
        handler=_read,
        summary="A contact of patrimonies",
        tag="Patrimonies",
        answers={200: PatrimonyContactQueryView},
    ),
)
