"""Problems to refusals, and violated constraints to what they mean."""

import re
from collections.abc import Iterator, Sequence

from psycopg.errors import ForeignKeyViolation, IntegrityError

from gerance.kernel.errors import Refused
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.errors import Detail, ODataRefused
from gerance.kernel.odata.writing.bodies import refusal
from gerance.kernel.odata.writing.payload import Payload
from gerance.rentals.declare.rules import Problem, Row, Rules
from gerance.rentals.model.rules import RULES

_PLACE = re.compile(r"{(\w+)}")

TOO_LARGE = Problem(
    "OutOfPrecision", "An amount, total or balance that follows from it has too many digits."
)
"""Each number by itself is right, but not what is added up or multiplied from them."""


def refused(problems: Sequence[Problem]) -> ODataRefused:
    """The refusal for these problems: 400 with the first one's code, all of them as details."""
    return refusal([Detail(*each) for each in problems])


def fixed(entity: EntityType, column: str, before: Row) -> Problem:
    """A column that never changes was to be changed."""
    name = next(each.name for each in entity.properties if each.column == column)
    return Problem("PropertyFixed", f"{name} stays {str(before[column]).rstrip()!r}.", name)


def without_details(rules: Rules, given: Payload) -> Iterator[Problem]:
    """The details that must come with a new entity and do not."""
    for name, problem in rules.details.items():
        if problem is not None and not given.details.get(name):
            yield problem


def meaning(violated: IntegrityError, entity: EntityType, row: Row) -> Refused:
    """What a constraint of the database means to whoever wrote the row that violates it."""
    name = violated.diag.constraint_name or ""
    for rules in (RULES[entity.name], *RULES.values()):
        if (problem := rules.constraints.get(name)) is not None:
            return refused([_with_values(problem, row)])
    if isinstance(violated, ForeignKeyViolation):
        referring = violated.diag.table_name or ""
        if entity.source.endswith(f".{referring}"):
            return Refused("Conflict", "What it refers to has just been deleted.")
        return in_use(referring)
    message = violated.diag.message_primary or "It does not fit what is there."
    return Refused("Conflict", f"{message}.")


def in_use(table: str) -> Refused:
    """Rows of that table refer to what was to be deleted."""
    others = table.replace("_", " ")
    return Refused("InUse", f"It is in use: at least one {others} refers to it.")


def _with_values(problem: Problem, row: Row) -> Problem:
    """The problem with the row's values in the places that its message has for them."""
    shown = {name: str(value).rstrip() for name, value in row.items()}
    message = _PLACE.sub(lambda place: shown.get(place[1], place[0]), problem.message)
    return problem._replace(message=message)
