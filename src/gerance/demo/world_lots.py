"""Builds the lots of the demo's residences: flats where people live, and a parking."""

from gerance.demo.world_identifiers import uid_of
from gerance.demo.world_records import LotRecord, PatrimonyRecord

FLATS = 4
AGENCIES = ("PAR1", "LYO1", "NAN1")
"""How references begin at the reference's own agency, and at those in whose towns are rentals."""


def build_lots(seed: int, patrimonies: tuple[PatrimonyRecord, ...]) -> tuple[LotRecord, ...]:
    """Lots of these agencies' residences with a name; the reference's own are first."""
    lots: list[LotRecord] = []
    for patrimony in patrimonies:
        if patrimony.label[0].isdigit() or not patrimony.ref.startswith(AGENCIES):
            continue
        for nth, resident in enumerate(patrimony.residents[:FLATS], start=1):
            lots.append(_lot(seed, patrimony, nth, "Apartment", resident.floor, resident.unit))
        lots.append(_lot(seed, patrimony, 101, "ResidentialParking", "Sous-sol", "Place 1"))
    return tuple(lots)


def _lot(
    seed: int, patrimony: PatrimonyRecord, number: int, usage: str, floor: str, unit: str
) -> LotRecord:
    ref = f"{patrimony.ref}-{number:03d}"
    return LotRecord(
        uid=uid_of(seed, "lot", ref),
        patrimony_uid=patrimony.uid,
        company_uid=patrimony.company_uid,
        ref=ref,
        number=str(number),
        usage=usage,
        address=patrimony.address,
        floor=floor,
        unit=unit,
    )
