"""Users over HTTP: reference, update, disable, list."""

from starlette.responses import Response

from gerance.incidents.agencies.views import REACH as AGENCY_REACH
from gerance.incidents.command_endpoint import change, create
from gerance.incidents.companies.views import company_reach
from gerance.incidents.editions import unreadable_kinds
from gerance.incidents.lists import ACTIVE, RANGE, answer_page, flag_parameter, self_link
from gerance.incidents.rights import USER_AGENCIES, Condition, reach, reached_users
from gerance.incidents.users import commands as c
from gerance.incidents.users.events import UserEventResultView
from gerance.incidents.users.handle import AGGREGATE
from gerance.incidents.users.views import USERS, UserResultView
from gerance.kernel.http.endpoint import Call, Endpoint
from gerance.kernel.wire import members


async def _list(call: Call) -> Response:
    """The users of a company. Published clients ask for those of an agency at the same path."""
    uid = call.uid("company_uid")
    conditions = [
        reached_users(call.principal),
        Condition(
            f"(u.company = %(of)s::uuid OR {USER_AGENCIES} @> ARRAY[%(of)s::uuid])", {"of": uid}
        ),
    ]
    if kinds := unreadable_kinds(call):
        conditions.append(Condition("u.kind <> ALL(%(unreadable)s)", {"unreadable": kinds}))
    if (active := flag_parameter(call, "active")) is not None:
        conditions.append(Condition("u.disabled = %(disabled)s", {"disabled": not active}))
    company, agency = company_reach(call.principal, uid), reach(call.principal, AGENCY_REACH)
    parent = Condition(
        f"({company.sql} OR EXISTS (SELECT FROM agency a WHERE a.uid = %(of)s::uuid"
        f" AND {agency.sql}))",
        {**company.params, **agency.params},
    )
    return await answer_page(call, USERS, conditions, parent=parent, links=[self_link(call)])


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
        summary="The users of a company or of an agency, by last name",
        tag="Users",
        query=(RANGE, ACTIVE),
        answers={200: UserResultView, 206: UserResultView},
    ),
)
