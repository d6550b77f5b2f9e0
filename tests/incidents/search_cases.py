"""Tickets of a few places, purposes, providers and days, and what is known of each."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.app import assign, close, contact, in_agency, in_patrimony, open_ticket, provider_contact
from tests.incidents.conftest import User, World

PARIS = ZoneInfo("Europe/Paris")
CITIES = (("PARIS", "75001"), ("Saint-Étienne", "42000"), ("ÉVRY", "91000"), ("Lyon 1er", "69001"))
PURPOSES = ("Plomberie / Fuite", "Électricité", "Œuvres d'art", "Chauffage")
MOMENTS = (
    "2025-10-25T21:59:59.999Z",  # the last of Saturday in Paris
    "2025-10-26T00:00:00.000+02:00",
    "2025-10-26T23:59:59.999+01:00",  # of a day of 25 hours
    "2025-10-26T23:00:00.000Z",
    "2025-03-29T23:00:00.000Z",
    "2025-03-30T21:59:59.999Z",  # of a day of 23 hours
    "2025-03-30T22:00:00.000Z",
)
COUNT = 130


class Known(NamedTuple):
    """What the tests know of a ticket that they opened."""

    uid: str
    company: str
    agency: str
    city: str
    zip_code: str
    purpose: str
    day: str
    provider: str | None
    closed: bool
    intervention: bool


Fits = Callable[[Known], bool]


class Town:
    """Tickets of three agencies of two companies, opened over a few days."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.user: User = world.operator_user
        first = world.patrimony
        self.providers = [provider_contact(world.root, world.company, name) for name in ("A", "B")]
        self.places = [
            (world.company, world.agency, in_patrimony(first)),
            (world.company, world.second_agency, in_agency(world.second_agency)),
            (world.other_company, world.other_agency, in_patrimony(world.other_patrimony)),
        ]
        self.tickets = [self.opened(nth) for nth in range(COUNT)]

    def opened(self, nth: int) -> Known:
        company, agency, location = self.places[nth * 7 % 3]
        (city, zip_code), purpose = CITIES[nth * 5 % 4], PURPOSES[nth // 3 % 4]
        moment = MOMENTS[nth % 7]
        address = {"street": f"{nth} rue de l'Église", "zipCode": zip_code, "city": city}
        uid = open_ticket(
            self.user, location, date=moment, address=address, callPurposeLabel=purpose
        )
        provider = self.providers[nth % 2] if nth % 5 < 2 else None
        if provider:
            assign(self.user, uid, provider, date=moment)
        if nth % 11 == 3:
            who = contact(self.providers[0])
            fields = {"assignee": who, "date": moment}
            self.user.events(f"tickets/{uid}", "ArriveOnSite", **fields)
            provider = provider or self.providers[0]
        if nth % 4 == 1:
            close(self.user, uid, moment)
        day = datetime.fromisoformat(moment).astimezone(PARIS).date().isoformat()
        done = (provider, nth % 4 == 1, nth % 11 == 3)
        return Known(uid, company, agency, city, zip_code, purpose, day, *done)

    def fitting(self, fits: Fits) -> list[Known]:
        """Those tickets, as lists have them: the last opened first."""
        return [known for known in reversed(self.tickets) if fits(known)]
