"""Patrimonies over HTTP: reference, update, associate, list, read."""

from starlette.responses import Response

from gerance.incidents.command_endpoint import change, create
from gerance.incidents.lists import (
    FULLTEXT,
    RANGE,
    answer_detail,
    answer_page,
    fulltext_conditions,
    uid_parameter,
    uids_parameter,
)
from gerance.incidents.patrimonies import commands as c
from gerance.incidents.patrimonies.events import PatrimonyEventResultView
from gerance.incidents.patrimonies.handle import AGGREGATE
from gerance.incidents.patrimonies.places import address_conditions
from gerance.incidents.patrimonies.views import (
    PATRIMONIES,
    PATRIMONY,
    REACH,
    WORDS,
    PatrimonyDetailQueryView,
    PatrimonyResultView,
)
from gerance.incidents.rights import Condition, reach
from gerance.kernel.http.endpoint import Call, Endpoint, Query
from gerance.kernel.wire import members


async def _list(call: Call) -> Response:
    conditions = [reach(call.principal, REACH), *fulltext_conditions(call, *WORDS)]
    if agencies := uids_parameter(call, "agencyuids"):
        conditions.append(Condition("p.agencies && %(agencies)s::uuid[]", {"agencies": agencies}))
    if (company := uid_parameter(call, "companyuid")) is not None:
        conditions.append(Condition("p.company = %(company)s::uuid", {"company": company}))
    conditions += address_conditions(call)
    return await answer_page(call, PATRIMONIES, conditions)


async def _read(call: Call) -> Response:
    return await answer_detail(call, PATRIMONY, "patrimony_uid", [reach(call.principal, REACH)])


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/vEvent/patrimonies",
        handler=create(AGGREGATE),
        summary="Reference a patrimony",
        tag="Patrimonies",
        body=c.ReferencePatrimony,
        answers={201: PatrimonyEventResultView},
        error_family="PatrimonyEventError",
    ),
    Endpoint(
        method="PATCH",
        path="/api/vEvent/patrimonies/{patrimony_uid}",
        handler=change(AGGREGATE, "patrimony_uid"),
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
            Query("placeid", "Only those with an address of this Google place."),
            Query(
                "geolocation",
                "Only those with an address so near: latitude,longitude,metres,"
                " e.g. 48.858398,2.294524,150.",
            ),
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
