"""Which statements are planned anew: those with long arrays.

A prepared statement soon gets a generic plan, made once for all parameters. That is what makes
short requests fast. For an array it assumes ten elements, so a list of 200 ids looks cheap, and a
billing run became 400 times slower after its fifth batch. A statement with a longer array is
therefore not prepared: PostgreSQL plans it for the array that it has.

`TextArray`, the columns of a batch of commands, is exempt: its statements find each row by a key,
under any plan (`tests/plans`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from psycopg import AsyncCursor, AsyncRawCursor
from psycopg.rows import Row

GENERIC_ELEMENTS = 10
"""Elements that a generic plan assumes an array to have."""


def needs_own_plan(params: Iterable[Any]) -> bool:
    """Whether the parameters of a statement have an array that no generic plan is made for."""
    return any(isinstance(each, list) and len(each) > GENERIC_ELEMENTS for each in params)


class PlannedCursor(AsyncCursor[Row]):
    """A cursor that prepares no statement with long arrays."""

    async def execute(
        self,
        query: Any,
        params: Any = None,
        *,
        prepare: bool | None = None,
        binary: bool | None = None,
    ) -> Self:
        if prepare is None and needs_own_plan(_values(params)):
            prepare = False
        return await super().execute(query, params, prepare=prepare, binary=binary)


class PlannedRawCursor(AsyncRawCursor[Row]):
    """The same for statements with `$1`."""

    async def execute(
        self,
        query: Any,
        params: Any = None,
        *,
        prepare: bool | None = None,
        binary: bool | None = None,
    ) -> Self:
        if prepare is None and needs_own_plan(_values(params)):
            prepare = False
        return await super().execute(query, params, prepare=prepare, binary=binary)


def _values(params: Sequence[Any] | Mapping[str, Any] | None) -> Iterable[Any]:
    if params is None:
        return ()
    return params.values() if isinstance(params, Mapping) else params
