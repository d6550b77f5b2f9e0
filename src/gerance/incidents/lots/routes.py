"""Lots over HTTP: reference, change, delete, list, read."""

from typing import Any

from psycopg.errors import UniqueViolation
from starlette.responses import Response

from gerance.incidents import references
from gerance.incidents.command_endpoint import aggregate_for, carry_out, changed
from gerance.incidents.lists import RANGE, all_chosen, answer_detail, answer_page, chosen
from gerance.incidents.lots import commands as c
from gerance.incidents.lots.decide import Taken, decide, number_taken, reference_taken
from gerance.incidents.lots.events import LotEventResultView
from gerance.incidents.lots.evolve import evolve
from gerance.incidents.lots.state import Lot
from gerance.incidents.lots.views import (
    COMMANDS_PATH,
    PATH,
    REACH,
    LotDetailQueryView,
    LotResultView,
    lots,
    rows,
)
from gerance.incidents.messages import Stamp
from gerance.incidents.rights import Condition, reach, require_kind
from gerance.kernel.errors import Refused
from gerance.kernel.http.endpoint import Call, Endpoint, Query
from gerance.kernel.log.writer import Change, Loaded, Reading
from gerance.kernel.wire import SafeUUID, decode, members

CATEGORY = "lot"
_WRITERS = ("superUser", "callCenterUser", "clientAccountManager", "executive")
_OWN_PATRIMONY = "(SELECT t.patrimony FROM lot t WHERE t.uid = %(stream)s::uuid)"


async def _reference(call: Call) -> Response:
    command: c.ReferenceLot = await call.message()
    principal = call.principal
    require_kind(principal, *_WRITERS)
    uid = aggregate_for(command.processUid, command.aggregateUid)

    def decided(loaded: Loaded, stamp: Stamp) -> Change:
        found, *taken = loaded.beside
        place = references.require_reached(
            principal,
            references.places(found),
            command.patrimonyUid,
            "$.patrimonyUid",
            code="PatrimonyNotFound",
        )
        state = decode(Lot, loaded.state) if loaded.state else None
        company = SafeUUID(place.company)
        events = decide(state, command, stamp, company=company, taken=Taken(*taken))
        return changed(state, events, evolve, lambda lot: rows(lot, uid))

    try:
        return await carry_out(
            call,
            category=CATEGORY,
            aggregate=uid,
            process_uid=command.processUid,
            decide=decided,
            reading=references.together(
                references.patrimonies_named([command.patrimonyUid]),
                _taken_in("%(lot_patrimony)s::uuid", command, lot_patrimony=command.patrimonyUid),
            ),
            status=201,
        )
    except UniqueViolation as violation:
        raise _meaning(violation, command) from violation


async def _increment(call: Call) -> Response:
    command: c.IncrementLot = await call.message()
    principal = call.principal
    require_kind(principal, *_WRITERS)
    uid = call.uid("lot_uid")
    if uid is None:
        raise Refused("ImpossibleToPerformCommandOnNonExistingLot", "The path names no lot.")

    def decided(loaded: Loaded, stamp: Stamp) -> Change:
        own, *taken = loaded.beside
        state = decode(Lot, loaded.state) if loaded.state else None
        if state is not None and not state.deleted:
            references.require_own(principal, references.places(own).get(uid), "This lot")
        events = decide(state, command, stamp, company=uid, taken=Taken(*taken))
        return changed(state, events, evolve, lambda lot: rows(lot, uid))

    try:
        return await carry_out(
            call,
            category=CATEGORY,
            aggregate=uid,
            process_uid=command.processUid,
            decide=decided,
            reading=references.together(
                references.lots_named([uid]), _taken_in(_OWN_PATRIMONY, command)
            ),
        )
    except UniqueViolation as violation:
        raise _meaning(violation, command) from violation


def _taken_in(patrimony: str, command: Any, **params: Any) -> Reading:
    """Reads a Taken: whether another lot of the patrimony (SQL) has the reference, the number."""
    columns = tuple(
        "EXISTS (SELECT FROM lot o WHERE o.uid <> %(stream)s::uuid"
        f" AND o.patrimony = {patrimony} AND o.{name} = %(asked_{name})s::text)"
        for name in Taken._fields
    )
    asked = {
        "asked_ref": getattr(command, "ref", None),
        "asked_lot_number": getattr(command, "lotNumber", None),
    }
    return Reading(columns, {**asked, **params})


def _meaning(violation: UniqueViolation, command: Any) -> Exception:
    """What it means that another writer was first."""
    if violation.diag.constraint_name == "lot_ref":
        return reference_taken(command.ref)
    if violation.diag.constraint_name == "lot_number":
        return number_taken(command.lotNumber)
    return violation


async def _list(call: Call) -> Response:
    conditions = [reach(call.principal, REACH)]
    if (patrimony := chosen(call, "patrimonyuid")) is not None:
        conditions.append(Condition("l.patrimony = %(in)s::uuid", {"in": patrimony}))
    if buildings := all_chosen(call, "buildinguids"):
        conditions.append(Condition("l.buildings && %(within)s::uuid[]", {"within": buildings}))
    shown = lots(writer=call.principal.kind in _WRITERS, listed=True)
    return await answer_page(call, shown, conditions, links=())


async def _read(call: Call) -> Response:
    shown = lots(writer=call.principal.kind in _WRITERS, listed=False)
    return await answer_detail(call, shown, "lot_uid", [reach(call.principal, REACH)])


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=COMMANDS_PATH,
        handler=_reference,
        summary="Reference a lot of a patrimony",
        tag="Patrimonies",
        body=c.ReferenceLot,
        answers={201: LotEventResultView},
        error_family="LotEventError",
    ),
    Endpoint(
        method="PATCH",
        path=f"{COMMANDS_PATH}/{{lot_uid}}",
        handler=_increment,
        summary="Change a lot, or delete it",
        description=", ".join(kind.__name__ for kind in members(c.IncrementLot)),
        tag="Patrimonies",
        body=c.IncrementLot,
        answers={200: LotEventResultView},
        error_family="LotEventError",
    ),
    Endpoint(
        method="GET",
        path=PATH,
        handler=_list,
        summary="Lots by reference",
        tag="Patrimonies",
        query=(
            RANGE,
            Query("patrimonyuid", "Only those of this patrimony."),
            Query("buildinguids", "Only those of one of these buildings, by comma."),
        ),
        answers={200: LotResultView, 206: LotResultView},
    ),
    Endpoint(
        method="GET",
        path=f"{PATH}/{{lot_uid}}",
        handler=_read,
        summary="A lot",
        tag="Patrimonies",
        answers={200: LotDetailQueryView},
    ),
)
