"""Which buildings the demonstration has: the reference's own, and as many others as asked for."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from random import Random
from typing import NamedTuple

from gerance.demo.rentals_buildings import Plan
from gerance.demo.rentals_places import DIVISIONS

RESERVED = {
    "Building": {1, 2, 624, 628},
    "Unit": {1448, 2731, 2909},
    "LeasePriceChange": {900},
}
"""Ids that the reference's answers show (reference/002), and the examples of the API pages."""

_LAURIER, _PINS, _CHEVREAU = DIVISIONS[0], DIVISIONS[2], DIVISIONS[4]
_CODES = {"1": 4.5, "2": 3.5, "3": 4.5, "4": 5.5}


class KnownPatrimony(NamedTuple):
    """A building that call centres know."""

    uid: str
    label: str
    lots: tuple[str, ...]
    """Uids of its flats."""


def building_plans(
    buildings: int,
    units: int,
    tenants: int,
    patrimonies_by_place: Mapping[tuple[int, int], Sequence[KnownPatrimony]],
) -> Iterator[Plan]:
    """The buildings, those of the reference first; together they have all the units and tenants.

    `patrimonies_by_place`: by company and division, what the first of the other buildings are
    linked with.
    """
    reference = list(_reference())
    yield from reference
    others = max(0, buildings - len(reference))
    units_left = max(0, units - sum(plan.units for plan in reference))
    tenants_left = max(0, tenants - sum(plan.tenants for plan in reference))
    rng = Random(f"buildings/{buildings}/{units}/{tenants}")
    weights = [rng.uniform(0.4, 1.6) for _ in range(others)]
    heaps = {place: iter(patrimonies) for place, patrimonies in patrimonies_by_place.items()}
    ids = (number for number in count(3) if number not in RESERVED["Building"])
    for _ in reference:
        next(ids)
    given_units = given_tenants = 0
    so_far, total = 0.0, sum(weights)
    for place, weight in enumerate(weights):
        so_far += weight
        upto_units = round(units_left * so_far / total)
        upto_tenants = round(tenants_left * so_far / total)
        division = DIVISIONS[place % len(DIVISIONS)]
        patrimony = next(heaps.get(division.place, iter(())), None)
        yield Plan(
            division=division,
            building_id=next(ids),
            units=upto_units - given_units,
            tenants=upto_tenants - given_tenants,
            name=patrimony.label if patrimony else None,
            patrimony_uid=patrimony.uid if patrimony else None,
            lot_uids=patrimony.lots if patrimony else (),
        )
        given_units, given_tenants = upto_units, upto_tenants


def _reference() -> Iterator[Plan]:
    """The buildings of the reference's examples; the first has the first tenant of all."""
    flats = tuple((code, rooms, None, f"{int(rooms)}½") for code, rooms in _CODES.items())
    yield Plan(
        division=_PINS,
        building_id=3,
        units=8,
        tenants=6,
        code="1067CHEVRE",
        name="Le Chevreau",
        street="1067 du Chevreau",
        town="Lévis",
        unit_codes=flats,
    )
    yield Plan(
        division=_CHEVREAU,
        building_id=1,
        units=24,
        tenants=18,
        code="1067CHEVRE",
        name="Maison de repos du Chevreau",
        street="1067 du Chevreau",
        town="Lévis",
    )
    yield Plan(
        division=_CHEVREAU,
        building_id=2,
        units=30,
        tenants=22,
        code="IBERVILLE5",
        name="Iberville 51566",
        street="51566 rue d'Iberville",
        town="Lévis",
    )
    yield Plan(
        division=_LAURIER,
        building_id=4,
        units=16,
        tenants=13,
        code="100LAURIER",
        name="100 laurier",
        street="100 boul laurier",
        town="quebec",
        unit_codes=flats,
    )
    yield Plan(
        division=_PINS,
        building_id=624,
        units=1,
        tenants=1,
        code="1000BOULEA",
        name="1000 des Bouleaux",
        street="1000 rue des Bouleaux",
    )
    yield Plan(
        division=_PINS,
        building_id=628,
        units=0,
        tenants=0,
        code="1000CHENES",
        name="1000 des Chênes",
        street="1000 rue des Chênes",
    )
    yield Plan(
        division=_PINS,
        building_id=5,
        units=14,
        tenants=9,
        code="1000PINS ",
        name="1000 des Pins",
        street="1000 avenue des Pins",
        unit_codes=(
            (" ", 4.5, None, None),
            (" 775", 4.5, 2909, "4½"),
            (" 1", 5.5, 1448, "5½"),
            (" 2", 3.5, 2731, "3½"),
        ),
    )
