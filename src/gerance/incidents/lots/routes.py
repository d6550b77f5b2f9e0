"""Lots over HTTP: reference, change, delete, list, read."""

from starlette.responses import Response

from gerance.incidents.command_endpoint import change, create
from gerance.incidents.lists import (
    RANGE,
    answer_detail,
    answer_page,
    link,
    self_link,
    uid_parameter,
    uids_parameter,
)
from gerance.incidents.lots import commands as c
from gerance.incidents.lots.events import LotEventResultView
from gerance.incidents.lots.handle import AGGREGATE
from gerance.incidents.lots.views import (
    COMMANDS_PATH,
    PATH,
    REACH,
    LotDetailQueryView,
    LotResultView,
    lots,
)
from gerance.incidents.rights import Condition, reach
from gerance.kernel.http.endpoint import Call, Endpoint, Query
from gerance.kernel.wire import members


async def _list(call: Call) -> Response:
    conditions = [reach(call.principal, REACH)]
    if (patrimony := uid_parameter(call, "patrimonyuid")) is not None:
        conditions.append(Condition("l.patrimony = %(in)s::uuid", {"in": patrimony}))
    if buildings := uids_parameter(call, "buildinguids"):
        conditions.append(Condition("l.buildings && %(within)s::uuid[]", {"within": buildings}))
    writer = call.principal.kind in c.ReferenceLot.senders
    links = [self_link(call)]
    if writer:
        links.append(link(call, "ReferenceLot", COMMANDS_PATH, "POST"))
    return await answer_page(call, lots(writer=writer), conditions, links=links)


async def _read(call: Call) -> Response:
    listing = lots(writer=call.principal.kind in c.ReferenceLot.senders)
    return await answer_detail(call, listing, "lot_uid", [reach(call.principal, REACH)])


ENDPOINTS = (
    Endpoint(
        method="POST",
        path=COMMANDS_PATH,
        handler=create(AGGREGATE),
        summary="Reference a lot of a patrimony",
        tag="Patrimonies",
        body=c.ReferenceLot,
        answers={201: LotEventResultView},
        error_family="LotEventError",
    ),
    Endpoint(
        method="PATCH",
        path=f"{COMMANDS_PATH}/{{lot_uid}}",
        handler=change(AGGREGATE, "lot_uid"),
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
