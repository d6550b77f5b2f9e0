"""The state of planning one request: its rows, its limits, and what its answer depends on."""

import difflib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from gerance.kernel.odata.access import Access
from gerance.kernel.odata.edm import EntityType, Model, Navigation
from gerance.kernel.odata.errors import LimitExceeded, NotSupported, ODataRejection
from gerance.kernel.odata.parse.syntax import Expression, Name
from gerance.kernel.odata.plan.nodes import BoundValue, EntityRow

MOST_RELATIONS = 60
MOST_RETURNS = 1
"""How often an expansion, or collections in one another in an expression, may lead from many back
to many: each time multiplies the rows that are read."""
MOST_NODES = 4000
DEEPEST = 120
Scope = Mapping[str, EntityRow]


class Planner:
    """Plans the expressions of one request, and notes what they depend on."""

    def __init__(self, model: Model, access: Access, aliases: Mapping[str, Expression]) -> None:
        self.model = model
        self.access = access
        self.entities: dict[str, EntityType] = {}
        self.cacheable = True
        self.patterns: list[str] = []
        self.costly = False
        """Whether something is computed for each row: a function, or over a collection."""
        self.loops: list[tuple[EntityRow, int]] = []
        """The collections that the expression goes through, from the outermost, and how often the
        way to each led from many back to many."""
        self._aliases = aliases
        self._relations = 0
        self.nodes = 0
        self.depth = 0
        self._beyond: EntityRow | None = None

    def row(
        self,
        entity: EntityType,
        origin: EntityRow | None = None,
        via: Navigation | None = None,
        parameters: Mapping[str, BoundValue] | None = None,
    ) -> EntityRow:
        """A row of the type; raises Rejection (403) when the access does not reach its set.

        With `parameters` it is what a function answers, which has no set of its own.
        """
        if parameters is None:
            self.access.require(entity)
        self._relations += 1
        if self._relations > MOST_RELATIONS:
            raise LimitExceeded(f"The query reads more than {MOST_RELATIONS} sets.")
        self.entities[entity.name] = entity
        return EntityRow(entity, self.access.rows(entity), origin, via, parameters=parameters or {})

    def join(self, row: EntityRow, navigation: Navigation) -> EntityRow:
        """The row that a navigation to one leads to, the same each time."""
        if row is self._beyond:
            raise NotSupported(f"A path from $it over {navigation.name} inside $expand")
        target = row.joins.get(navigation.name)
        if target is None:
            target = self.row(self.model.target(navigation), row, navigation)
            row.joins[navigation.name] = target
        return target

    @contextmanager
    def inside(self, row: EntityRow) -> Iterator[None]:
        """The scope of the expansions of a row: its columns are available, no others."""
        outer, self._beyond = self._beyond, row
        try:
            yield
        finally:
            self._beyond = outer

    def limit_exceeded(self, target: str) -> LimitExceeded:
        """The error for an expression with too many nodes, or nested too deep.

        Aliases make trees larger than the text that was parsed, so planning bounds them too.
        """
        if self.nodes > MOST_NODES:
            return LimitExceeded(f"{target}: has more than {MOST_NODES} parts.", target=target)
        return LimitExceeded(f"{target}: is nested more than {DEEPEST} deep.", target=target)

    def alias(self, name: str) -> Expression:
        """What a parameter alias stands for. Raises ODataRejection: not given, or by itself."""
        if name not in self._aliases:
            raise ODataRejection("UnknownAlias", f"{name} has no value in the query.", target=name)
        return self._aliases[name]


def returns_between(row: EntityRow, root: EntityRow) -> int:
    """How often the way from the root to a row leads from many to one and back to many.

    Each return multiplies the rows: `Units($expand=Building($expand=Units))` has all units of a
    building for each of them. Down from one to many alone, no row comes twice.
    """
    returns = 0
    while row is not root and row.via is not None and row.origin is not None:
        here, row = row, row.origin
        back = row is not root and row.via is not None and not row.via.many
        returns += here.via is not None and here.via.many and back
    return returns


def unknown_name(entity: EntityType, name: Name, target: str) -> ODataRejection:
    """The rejection of a name that an entity type does not have, with the nearest that it has."""
    if "." in name.text or name.text.startswith("$"):
        return NotSupported(f"{name.text[:80]} in a path", target=target)
    names = [each.name for each in entity.properties]
    names += [each.name for each in entity.navigations]
    spelling = {each.lower(): each for each in names}
    near = difflib.get_close_matches(name.text[:80].lower(), spelling, 1)
    hint = f"; did you mean {spelling[near[0]]}?" if near else "."
    return ODataRejection(
        "UnknownProperty",
        f"{target}: {entity.name} has no property {name.text[:80]}{hint}",
        target=target,
        position=name.at,
    )
