"""Patrimony contacts over HTTP: reference, link with a user, list, read."""

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
    uids_parameter,
)
from gerance.incidents.patrimony_contacts import commands as c
from gerance.incidents.patrimony_contacts.events import PatrimonyContactEventResultView
from gerance.incidents.patrimony_contacts.handle import AGGREGATE
from gerance.incidents.patrimony_contacts.views import (
    PATH,
    PATRIMONY_CONTACTS,
    PatrimonyContactQueryView,
    PatrimonyContactResultView,
)
from gerance.incidents.rights import (
    OF_PATRIMONY_CONTACTS,
    Condition,
    reach,
)
from gerance.kernel.http.endpoint import Call, Endpoint, Query


async def _list(call: Call) -> Response:
    conditions = [
        reach(call.principal, OF_PATRIMONY_CONTACTS),
        *fulltext_conditions(call, "t.name"),
    ]
    if patrimonies := uids_parameter(call, "patrimonyuids"):
        conditions.append(
            Condition("t.patrimonies && %(patrimonies)s::uuid[]", {"patrimonies": patrimonies})
        )
    if (lot := uid_parameter(call, "lotuid")) is not None:
        conditions.append(Condition("t.lots @> ARRAY[%(lot)s::uuid]", {"lot": lot}))
    return await answer_page(call, PATRIMONY_CONTACTS, conditions, links=[self_link(call)])


async def _read(call: Call) -> Response:
    mine = reach(call.principal, OF_PATRIMONY_CONTACTS)
    return await answer_detail(call, PATRIMONY_CONTACTS, "contact_uid", [mine])


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/vEvent/patrimonycontacts",
        handler=create(AGGREGATE),
        summary="Reference a contact of patrimonies",
        tag="Patrimonies",
        body=c.ReferencePatrimonyContact,
        answers={201: PatrimonyContactEventResultView},
        error_family="PatrimonyContactEventError",
    ),
    Endpoint(
        method="PATCH",
        path="/api/vEvent/patrimonycontacts/{contact_uid}",
        handler=change(AGGREGATE, "contact_uid"),
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
