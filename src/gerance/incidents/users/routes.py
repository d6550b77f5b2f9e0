"""Users over HTTP: reference, update, disable, list."""

from starlette.responses import Response

from gerance.incidents.command_endpoint import change, create
from gerance.incidents.companies.views import company_reach
from gerance.incidents.lists import ACTIVE, RANGE, answer_page, flag_parameter
from gerance.incidents.rights import Condition, reached_users
from gerance.incidents.users import commands as c
from gerance.incidents.users.events import UserEventResultView
from gerance.incidents.users.handle import AGGREGATE
from gerance.incidents.users.views import USERS, UserQueryView
from gerance.kernel.http.endpoint import Call, Endpoint
from gerance.kernel.wire import members


async def _list(call: Call) -> Response:
    uid = call.uid("company_uid")
    conditions = [
        reached_users(call.principal),
        Condition("u.company = %(company)s::uuid", {"company": uid}),
    ]
    if (active := flag_parameter(call, "active")) is not None:
        conditions.append(Condition("u.disabled = %(disabled)s", {"disabled": not active}))
    return await answer_page(call, USERS, conditions, parent=company_reach(call.principal, uid))


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/vEvent/users",
        handler=create(AGGREGATE),
        summary="Reference a user of a client company",
        description=", ".join(kind.__name__ for kind in members(c.ReferenceUser)),
        tag="Users",
        body=c.ReferenceUser,
        answers={201: UserEventResultView},
        error_family="UserEventError",
    ),
    Endpoint(
        method="PATCH",
        path="/api/vEvent/users/{user_uid}",
        handler=change(AGGREGATE, "user_uid"),
        summary="Update or disable a user",
        description=", ".join(kind.__name__ for kind in members(c.IncrementUser)),
        tag="Users",
        body=c.IncrementUser,
        answers={200: UserEventResultView},
        error_family="UserEventError",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/clientcompanies/{company_uid}/users",
        handler=_list,
        summary="The users of a company, by last name",
        tag="Users",
        query=(RANGE, ACTIVE),
        answers={200: list[UserQueryView], 206: list[UserQueryView]},
    ),
)
