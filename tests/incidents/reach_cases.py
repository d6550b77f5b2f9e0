"""A ticket in each place, a user of each kind, and who reaches which."""

from datetime import UTC, datetime
from functools import cached_property

from tests.app import Body, in_agency, in_patrimony, open_ticket, phone
from tests.incidents.conftest import DAY, User, World

NOW = datetime.now(UTC).isoformat(timespec="milliseconds")
TO_CALLER = [{"accessGrantTo": "TicketCaller", "accessControlType": "PatrimonyUser"}]
PLACES = ("patrimony", "agency", "second patrimony", "other patrimony", "far agency")
IN_PATRIMONY = {"patrimony", "restricted to the resident", "restricted to a neighbour"}
OF_AGENCY = {"agency", *IN_PATRIMONY}
OF_COMPANY = {"second patrimony", *OF_AGENCY}
OF_CENTER = {"other patrimony", *OF_COMPANY}
ALL = {"far agency", *OF_CENTER}

REACH: dict[str, set[str]] = {
    "super user": ALL,
    "call-centre user": OF_CENTER,
    "user of another call centre": {"far agency"},
    "user of a new call centre": set(),
    "manager": OF_COMPANY,
    "manager of the holding": OF_COMPANY,
    "manager of another company": {"other patrimony"},
    "manager of a sister company": set(),
    "executive": OF_AGENCY,
    "executive of another agency": {"second patrimony"},
    "executive of both agencies": OF_COMPANY,
    "patrimony manager": IN_PATRIMONY,
    "resident": {"patrimony", "restricted to the resident"},
    "neighbour": {"patrimony", "restricted to a neighbour"},
    "resident of another patrimony": {"second patrimony"},
}


class Court:
    """A ticket in each place, and a user of each kind."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.places: dict[str, Body] = {
            "patrimony": in_patrimony(world.patrimony),
            "agency": in_agency(world.agency),
            "second patrimony": in_patrimony(world.second_patrimony),
            "other patrimony": in_patrimony(world.other_patrimony),
            "far agency": in_agency(world.far_agency),
        }
        self.tickets = {
            name: open_ticket(world.root, place, date=NOW) for name, place in self.places.items()
        }
        neighbour = self.contact_of(self.users["neighbour"].uid)
        for name, uid in (
            ("restricted to the resident", self.users["resident"].uid),
            ("restricted to a neighbour", neighbour),
        ):
            caller = {"uid": uid, "callerType": "ReferencedContactCaller"}
            where = self.places["patrimony"]
            ticket = open_ticket(world.root, where, date=NOW, caller=caller)
            fields = {"accessControlList": TO_CALLER}
            world.root.events(f"tickets/{ticket}", "RestrictAccessToTicket", **fields)
            self.tickets[name] = ticket

    @cached_property
    def users(self) -> dict[str, User]:
        world = self.world
        center = world.root.created(
            "clientcompanies", "CreateCallCenter", createdDate=DAY, name="Centre neuf"
        )
        sister = world.account("Sœur", holdingReference=world.holding)
        both = (world.agency, world.second_agency)
        elsewhere = (world.second_patrimony,)
        return {
            "super user": world.root,
            "call-centre user": world.operator_user,
            "user of another call centre": world.far_operator_user,
            "user of a new call centre": world.login("callCenterUser", center),
            "manager": world.manager,
            "manager of the holding": world.holding_manager,
            "manager of another company": world.other_manager,
            "manager of a sister company": world.manager_of(sister),
            "executive": world.executive,
            "executive of another agency": world.login(
                "executive", world.company, (world.second_agency,)
            ),
            "executive of both agencies": world.login("executive", world.company, both),
            "patrimony manager": world.patrimony_manager,
            "resident": world.resident,
            "neighbour": world.login("patrimonyUser", world.company, (), (world.patrimony,)),
            "resident of another patrimony": world.login(
                "patrimonyUser", world.company, (), elsewhere
            ),
        }

    def contact_of(self, user: str) -> str:
        """A contact of the patrimony that is this user."""
        root, patrimony = self.world.root, self.world.patrimony
        uid = root.created(
            "patrimonycontacts",
            "ReferencePatrimonyContact",
            name={"value": "Voisin", "nameType": "PoorName"},
            contacts=[phone()],
            linkedWithEntities=[
                {"patrimonyUid": patrimony, "linkType": "LinkToPatrimonyAsCareTaker"}
            ],
        )
        root.events(f"patrimonycontacts/{uid}", "LinkPatrimonyContactWithUser", userUid=user)
        return uid

    def names(self, uids: set[str]) -> set[str]:
        """The tickets of these uids, by name; those that other tests opened are left out."""
        return {name for name, uid in self.tickets.items() if uid in uids}
