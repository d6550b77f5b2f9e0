"""Changes of rentals that arrive at once."""

import asyncio
from datetime import date
from typing import Any

from gerance.kernel.db import Pool
from gerance.kernel.odata.access import EVERYTHING
from gerance.kernel.odata.writing.payload import EntityWrite, Payload, WriteOutcome
from gerance.rentals.declare.entity import column_of
from gerance.rentals.model.rules import RULES, RULESET
from gerance.rentals.model.samples import WRITE_ANNOTATIONS
from gerance.rentals.writing.writer import RentalsWriter

TODAY = date(2026, 11, 22)
ACTOR = "a1b2c3d4-0000-4000-8000-000000000001"
Result = WriteOutcome | BaseException | None


def changes(name: str, *bodies: tuple[int, dict[str, Any]], **more: Any) -> list[EntityWrite]:
    return [
        EntityWrite(
            kind="change",
            entity=RULES[name].entity,
            key={"id": id_},
            payload=Payload({column_of(each): value for each, value in body.items()}),
            access=EVERYTHING,
            actor=ACTOR,
            **more,
        )
        for id_, body in bodies
    ]


async def together(pool: Pool, writings: list[EntityWrite]) -> list[Result]:
    """What becomes of changes that arrive at once."""
    writer = RentalsWriter(RULESET, WRITE_ANNOTATIONS, lambda: TODAY)
    return await asyncio.gather(
        *(writer.write_together(pool, each) for each in writings), return_exceptions=True
    )
