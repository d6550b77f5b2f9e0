"""Patrimonies over HTTP: reference, update, associate, list, read."""

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
)
from gerance.incidents.messages import Stamp
from gerance.incidents.name_propagation import after_renaming
from gerance.incidents.patrimonies import commands as c
from gerance.incidents.patrimonies.decide import decide
from gerance.incidents.patrimonies.events import PatrimonyEventResultView
from gerance.incidents.patrimonies.evolve import evolve
from gerance.incidents.patrimonies.state import Patrimony
from gerance.incidents.patrimonies.views import (
    PATRIMONIES,
    PATRIMONY,
    REACH,
    PatrimonyDetailQueryView,
    PatrimonyResultView,
    rows,
)
from gerance.incidents.rights import Condition, reach, require_kind
from gerance.kernel.errors import Refused
from gerance.kernel.http.endpoint import Call, Endpoint, Query
from gerance.kernel.log.writer import Change, Loaded
from gerance.kernel.wire import SafeUUID, decode, members

CATEGORY = "patrimony"
_CODE = "PatrimonyGenericError"
_WRITERS = ("superUser", "callCenterUser", "clientAccountManager", "executive")


async def _reference(call: Call) -> Response:
    command: c.ReferencePatrimony = await call.message()
    principal = call.principal
    require_kind(principal, *_WRITERS)
    uid = aggregate_for(command.processUid, command.aggregateUid)

    def decided(loaded: Loaded, stamp: Stamp) -> Change:
        found = references.places(loaded.beside[0])
        company = references.require_all_reached(
            principal, found, command.agencyUids, "$.agencyUids", code=_CODE
        )
        state = decode(Patrimony, loaded.state) if loaded.state else None
        events = decide(state, command, stamp, company=SafeUUID(company))
        return changed(state, events, evolve, lambda patrimony: rows(patrimony, uid))

    return await carry_out(
        call,
        category=CATEGORY,
        aggregate=uid,
        process_uid=command.processUid,
        decide=decided,
        reading=references.agencies_named(command.agencyUids),
        status=201,
    )


async def _increment(call: Call) -> Response:
    command: c.IncrementPatrimony = await call.message()
    principal = call.principal
    require_kind(principal, *_WRITERS)
    uid = call.uid("patrimony_uid")
    if uid is None:
        raise Refused(
            "ImpossibleToPerformCommandOnNonExistingPatrimony", "The path names no patrimony."
        )
    agency = [command.agencyUid] if isinstance(command, c.AssociatePatrimonyInAgency) else []

    def decided(loaded: Loaded, stamp: Stamp) -> Change:
        own, agencies = loaded.beside
        state = decode(Patrimony, loaded.state) if loaded.state else None
        company = uid
        if state is not None:
            company = state.company
            references.require_own(principal, references.places(own).get(uid), "This patrimony")
            for named in agency:
                references.require_reached(
                    principal,
                    references.places(agencies),
                    named,
                    "$.agencyUid",
                    company=company,
                    code=_CODE,
                )
        events = decide(state, command, stamp, company=company)
        return changed(state, events, evolve, lambda patrimony: rows(patrimony, uid))

    return await carry_out(
        call,
        category=CATEGORY,
        aggregate=uid,
        process_uid=command.processUid,
        decide=decided,
        reading=references.together(
            references.patrimonies_named([uid]), references.agencies_named(agency)
        ),
        afterwards=after_renaming("patrimony", uid),
    )


async def _list(call: Call) -> Response:
    conditions = [reach(call.principal, REACH), *matching(call, "p.ref", "p.label")]
    if agencies := all_chosen(call, "agencyuids"):
        conditions.append(Condition("p.agencies && %(agencies)s::uuid[]", {"agencies": agencies}))
    if (company := chosen(call, "companyuid")) is not None:
        conditions.append(Condition("p.company = %(company)s::uuid", {"company": company}))
    return await answer_page(call, PATRIMONIES, conditions, links=())


async def _read(call: Call) -> Response:
    return await answer_detail(call, PATRIMONY, "patrimony_uid", [reach(call.principal, REACH)])


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/vEvent/patrimonies",
        handler=_reference,
        summary="Reference a patrimony",
        tag="Patrimonies",
        body=c.ReferencePatrimony,
        answers={201: PatrimonyEventResultView},
        error_family="PatrimonyEventError",
    ),
    Endpoint(
        method="PATCH",
        path="/api/vEvent/patrimonies/{patrimony_uid}",
        handler=_increment,
        summary="Update a patrimony, associate it with an agency or dissociate it",
        description=", ".join(kind.__name__ for kind in members(c.IncrementPatrimony)),
        tag="Patrimonies",
        body=c.IncrementPatrimony,
        answers={200: PatrimonyEventResultView},
        error_family="PatrimonyEventError",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/patrimonies",
        handler=_list,
        summary="Patrimonies by reference",
        tag="Patrimonies",
        query=(
            RANGE,
            FULLTEXT,
            Query("agencyuids", "Only those of one of these agencies, by comma."),
            Query("companyuid", "Only those of this company."),
        ),
        answers={200: PatrimonyResultView, 206: PatrimonyResultView},
    ),
    Endpoint(
        method="GET",
        path="/api/v1/patrimonies/{patrimony_uid}",
        handler=_read,
        summary="A patrimony",
        tag="Patrimonies",
        answers={200: PatrimonyDetailQueryView},
    ),
)
