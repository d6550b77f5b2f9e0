"""Problems to rejections, and violated constraints to what they mean."""

import re
from collections.abc import Iterator, Sequence

from psycopg.errors import ForeignKeyViolation, IntegrityError, NumericValueOutOfRange

from gerance.kernel.errors import Forbidden, Rejection
from gerance.kernel.odata.edm import EntityType
from gerance.kernel.odata.errors import Detail, ODataRejection
from gerance.kernel.odata.writing.bodies import rejection_of_all
from gerance.kernel.odata.writing.payload import Payload
from gerance.rentals.declare.checks import same_code
from gerance.rentals.declare.rules import Problem, Row, Rules, Ruleset

_PLACE = re.compile(r"{(\w+)}")

VIOLATIONS = (IntegrityError, NumericValueOutOfRange)
"""What the database raises when a row violates a constraint, or a number is too large."""

TOO_LARGE = Problem(
    "OutOfPrecision", "An amount, total or balance that is computed from it has too many digits."
)
"""Each number by itself is right, but not what is added up or multiplied from them."""


def rejection(problems: Sequence[Problem]) -> ODataRejection:
    """The rejection for these problems: 400 with the first one's code, all of them as details."""
    return rejection_of_all([Detail(*each) for each in problems])


def outside(entity: EntityType, row: Row) -> Forbidden:
    """The row would be in a place that the writer does not reach."""
    place = "-".join(str(row[column]) for column in entity.scope)
    return Forbidden(f"This key does not reach {place}.")


def fixed(entity: EntityType, rules: Rules, columns: Row, before: Row) -> list[Problem]:
    """The columns that never change and would get other values."""
    problems = []
    for column in rules.fixed:
        if column in columns and not same_code(columns[column], before[column]):
            name = next((each.name for each in entity.properties if each.column == column), column)
            value = str(before[column]).rstrip()
            problems.append(Problem("PropertyFixed", f"{name} stays {value!r}.", name))
    return problems


def without_details(rules: Rules, payload: Payload) -> Iterator[Problem]:
    """The details that must come with a new entity and do not."""
    for name, problem in rules.details.items():
        if problem is not None and not payload.details.get(name):
            yield problem


def in_use(table: str) -> Rejection:
    """Rows of that table refer to what was to be deleted."""
    others = table.replace("_", " ")
    return Rejection("InUse", f"At least one {others} refers to this entity.")


def meaning(
    ruleset: Ruleset,
    violation: IntegrityError | NumericValueOutOfRange,
    entity: EntityType,
    row: Row,
) -> Rejection:
    """What a violated constraint means to the writer of the row."""
    if isinstance(violation, NumericValueOutOfRange):
        return rejection([TOO_LARGE])
    name = violation.diag.constraint_name or ""
    for rules in (ruleset.rules[entity.name], *ruleset.rules.values()):
        if (problem := rules.constraints.get(name)) is not None:
            return rejection([_with_values(problem, row)])
    if isinstance(violation, ForeignKeyViolation):
        referring = violation.diag.table_name or ""
        if entity.source.endswith(f".{referring}"):
            return Rejection(
                "Conflict", "The entity refers to an entity that was deleted in the meantime."
            )
        return in_use(referring)
    message = violation.diag.message_primary or "It does not fit what is there."
    return Rejection("Conflict", f"{message}.")


def _with_values(problem: Problem, row: Row) -> Problem:
    """The problem with the row's values in the places that its message has for them."""
    texts = {name: str(value).rstrip() for name, value in row.items()}
    message = _PLACE.sub(lambda place: texts.get(place[1], place[0]), problem.message)
    return problem._replace(message=message)
