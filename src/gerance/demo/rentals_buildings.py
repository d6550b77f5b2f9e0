"""Buildings with their units, parkings and storages."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from gerance.demo import rentals_corpus as corpus
from gerance.demo.rentals_book import Book
from gerance.demo.rentals_places import (
    FRENCH_BUILDINGS,
    FRENCH_STREETS,
    QUEBEC_BUILDINGS,
    QUEBEC_STREETS,
    Division,
)


@dataclass(slots=True, kw_only=True)
class Plan:
    """A building to be made; what is None is chosen. `units`, `tenants`: how many.

    `unit_codes`: code, rooms, id and housing type of the first units, where they are known;
    `lot_uids`: what its first dwellings are linked with.
    """

    division: Division
    building_id: int
    units: int
    tenants: int
    code: str | None = None
    name: str | None = None
    street: str | None = None
    town: str | None = None
    patrimony_uid: str | None = None
    lot_uids: tuple[str, ...] = ()
    unit_codes: tuple[tuple[str, float, int | None, str | None], ...] = ()


@dataclass(slots=True)
class Unit:
    """A unit that was made. `rent`: what it is offered for; `active`: it may be let at all."""

    id: int
    code: str
    rent: int
    commercial: bool
    active: bool


@dataclass(slots=True)
class Building:
    """A building that was made, and what it has to let: parkings and storages by id, rent."""

    id: int
    division: Division
    code: str
    units: list[Unit] = field(default_factory=list)
    parkings: list[tuple[int, int]] = field(default_factory=list)
    storages: list[tuple[int, int]] = field(default_factory=list)


def build(book: Book, rng: Random, plan: Plan, today: date) -> Building:
    """Add the building and all of its units."""
    division = plan.division
    french = division.country == "FR"
    town = rng.choice(division.towns)
    street, abbreviation = rng.choice(FRENCH_STREETS if french else QUEBEC_STREETS)
    number = 1100 + 3 * book.count(("civic number", division.place)) + rng.randrange(3)
    code = plan.code or f"{number}{abbreviation}"[:10]
    floors = max(1, min(12, round(plan.units / rng.choice((4, 5, 6))) or 1))
    postal = rng.choice(town.postal_codes)
    first, last = rng.choice(corpus.FIRST_NAMES), rng.choice(corpus.LAST_NAMES)
    book.add(
        "Building",
        *division.place,
        code,
        plan.name or rng.choice(FRENCH_BUILDINGS if french else QUEBEC_BUILDINGS),
        plan.street or (f"{number // 10}, {street}" if french else f"{number} {street}"),
        plan.town or town.name,
        town.province,
        postal if french else f"{postal} {rng.randint(1, 9)}{rng.choice('ABCEGHJ')}{number % 10}",
        division.country,
        rng.randint(1905, today.year - 2),
        floors,
        plan.units,
        f"{first} {last}",
        phone(rng, town.phone),
        f"{corpus.MAIL[first]}.{corpus.MAIL[last]}@gestion.example",
        rng.choice(corpus.HEATING),
        round(town.latitude + rng.uniform(-0.03, 0.03), 6),
        round(town.longitude + rng.uniform(-0.04, 0.04), 6),
        plan.units * rng.randint(120, 260) * 1000 + 180_000,
        date(today.year - rng.randint(1, 25), rng.randint(1, 12), rng.randint(1, 28)),
        plan.patrimony_uid,
        own_id=plan.building_id,
    )
    building = Building(plan.building_id, division, code)
    _add_units(book, rng, plan, building, floors)
    _add_parkings(book, rng, building)
    _add_storages(book, rng, building)
    return building


def phone(rng: Random, prefix: str) -> str:
    """A telephone number of those that are kept free for fiction."""
    if prefix.startswith("0"):
        return f"{prefix} {rng.randint(0, 99):02d} {rng.randint(0, 99):02d}"
    return f"{prefix}-{rng.randint(100, 199):04d}"


def _add_units(book: Book, rng: Random, plan: Plan, building: Building, floors: int) -> None:
    division = building.division
    french = division.country == "FR"
    housing = corpus.FRENCH_HOUSING if french else corpus.QUEBEC_HOUSING
    rents = corpus.FRENCH_RENTS if french else corpus.QUEBEC_RENTS
    types = rng.choices(list(housing), (6, 14, 28, 34, 14, 4)[: len(housing)], k=plan.units)
    per_floor = -(-plan.units // floors)
    lots = iter(plan.lot_uids)
    for place, housing_kind in enumerate(types):
        floor, door = 1 + place // per_floor, 1 + place % per_floor
        code, rooms, own_id, kind = f"{floor}{door:02d}", housing[housing_kind], None, housing_kind
        commercial = floor == 1 and place >= len(plan.unit_codes) and rng.random() < 0.08
        if place < len(plan.unit_codes):
            code, rooms, own_id, named_kind = plan.unit_codes[place]
            kind = named_kind or ""
        elif commercial:
            kind, rooms = "COM", 2.0
        base = rents.get(rooms) or 1000
        rent = 5 * round(
            base * division.rents * rng.uniform(0.9, 1.15) * (1.6 if commercial else 1) / 5
        )
        # Few enough tenants that the other units have room for them.
        spared = plan.units > 4 and plan.tenants * 2 < plan.units * 3
        active = rng.random() > 0.01 or place < len(plan.unit_codes) or not spared
        appliances = None if commercial else rng.choice(corpus.APPLIANCES)
        unit_id = book.add(
            "Unit",
            *division.place,
            building.code,
            code,
            building.id,
            kind or None,
            rooms,
            floor,
            round(rooms * 17 + rng.uniform(5, 20), 1),
            rent,
            rng.random() < 0.4,
            rng.random() < 0.2,
            rng.random() < 0.08,
            rng.random() < 0.5,
            appliances,
            f"{corpus.HOUSING_TYPES[kind]}, {floor}e étage" if kind else None,
            active,
            None if commercial else next(lots, None),
            own_id=own_id,
        )
        building.units.append(Unit(unit_id, code, rent, commercial, active))


def _add_parkings(book: Book, rng: Random, building: Building) -> None:
    for place in range(len(building.units) * 2 // 5):
        indoor = rng.random() < 0.4
        rent = rng.choice((95, 110, 125)) if indoor else rng.choice((45, 55, 65))
        active = rng.random() > 0.02
        parking = book.add(
            "Parking",
            *building.division.place,
            building.code,
            f"P{place + 1:02d}",
            building.id,
            "I" if indoor else "O",
            rent,
            rng.random() < 0.15,
            active,
        )
        if active:
            building.parkings.append((parking, rent))


def _add_storages(book: Book, rng: Random, building: Building) -> None:
    for place in range(len(building.units) // 5):
        rent = rng.choice((25, 30, 40))
        storage = book.add(
            "Storage",
            *building.division.place,
            building.code,
            f"R{place + 1:02d}",
            building.id,
            rng.choice((2.5, 3, 4, 6)),
            rent,
            True,
        )
        building.storages.append((storage, rent))


def close_for_a_while(book: Book, rng: Random, building: Building, unit: Unit, today: date) -> None:
    """Perhaps add a period, past, present or future, in which a vacant unit cannot be let."""
    kind = rng.random()
    if kind > 0.3:
        return
    start, end = today - timedelta(rng.randint(5, 60)), None
    if kind < 0.08:
        end = today + timedelta(rng.randint(3, 90))
    elif kind < 0.2:
        start -= timedelta(100)
        end = start + timedelta(rng.randint(10, 90))
    elif kind < 0.25:
        start = today + timedelta(rng.randint(20, 120))
        end = start + timedelta(rng.randint(10, 60))
    book.add(
        "UnavailableUnit", unit.id, start, end, rng.choice(corpus.REASONS), *building.division.place
    )
