"""Resource paths to plans: which rows a request speaks of, and what kind of answer it wants."""

from collections.abc import Mapping
from dataclasses import replace

from gerance.kernel.errors import NotFound
from gerance.kernel.odata.access import Access
from gerance.kernel.odata.edm import EntityType, Function, Model, Navigation
from gerance.kernel.odata.errors import NotSupported, ODataRejection
from gerance.kernel.odata.parse.options import literal
from gerance.kernel.odata.parse.paths import ABSENT
from gerance.kernel.odata.parse.syntax import (
    Alias,
    Argument,
    Constant,
    Expression,
    QueryOptions,
    Segment,
)
from gerance.kernel.odata.plan.functions import comparable
from gerance.kernel.odata.plan.nodes import (
    BoundValue,
    Comparison,
    EntityRow,
    Junction,
    Kind,
    Node,
    PropertyColumn,
    QueryPlan,
    Shape,
)
from gerance.kernel.odata.plan.planner import Planner
from gerance.kernel.odata.plan.shapes import bad_skiptoken, shape_one, shape_rows


def plan_request(
    model: Model,
    access: Access,
    segments: tuple[Segment, ...],
    query: QueryOptions,
    *,
    after: tuple[str | None, ...] | None = None,
) -> QueryPlan:
    """What the request asks for. Raises NotFound for a path that leads nowhere, Rejection (403),
    ODataRejection for options that do not fit and what is not supported (501).

    `after`: the order values that its `$skiptoken` holds.
    """
    planner = Planner(model, access, query.aliases)
    return _Walk(planner, query, after).walk(segments)


class _Walk:
    """A walk along the segments: a row, whether it is one entity, and the shape it lies within."""

    def __init__(
        self, planner: Planner, query: QueryOptions, after: tuple[str | None, ...] | None
    ) -> None:
        self.planner = planner
        self.query = query
        self.after = after
        self.single = False
        self.within: Shape | None = None
        self.key: Node | None = None

    def walk(self, segments: tuple[Segment, ...]) -> QueryPlan:
        if not segments:
            return QueryPlan("service")
        first, *rest = segments
        name = first.name.lower()
        if name == "$metadata" and not rest and first.arguments is None:
            return QueryPlan("metadata")
        if name in ABSENT:
            raise NotSupported(first.name)
        entity = self.planner.model.entity_set(first.name)
        if entity is None:
            raise NotFound(f"There is no entity set {first.name[:80]}.")
        row = self.planner.row(entity)
        self.single = self._keyed(row, first)
        return self._follow(row, rest)

    def _follow(self, row: EntityRow, rest: list[Segment]) -> QueryPlan:
        while rest:
            segment, *rest = rest
            name = segment.name.lower()
            if name in ABSENT:
                raise NotSupported(segment.name)
            if name in ("$count", "$value"):
                return self._last(row, segment, rest)
            if (navigation := row.entity.navigation(segment.name)) is not None:
                row = self._navigate(row, navigation, segment)
            elif not self.single and (function := self._function(row.entity, segment)) is not None:
                row = self._apply(row, function, segment)
            elif self.single and row.entity.find(segment.name) is not None:
                return self._property(row, segment, rest)
            elif name.startswith(("$", f"{self.planner.model.namespace.lower()}.")):
                raise NotSupported(f"The segment {segment.name[:80]}")
            else:
                raise NotFound(f"{row.entity.name} has no {segment.name[:80]}.")
        return self._entity(row) if self.single else self._collection(row)

    # Steps

    def _keyed(self, row: EntityRow, segment: Segment) -> bool:
        """Whether the segment says by a key which entity is meant."""
        self.key = None
        if segment.arguments:
            self.key = key_condition(row, segment.arguments, self.query.aliases)
        if segment.arguments == ():
            raise ODataRejection("BadKey", f"{segment.name}(): the parentheses have no key.")
        return self.key is not None

    def _navigate(self, row: EntityRow, navigation: Navigation, segment: Segment) -> EntityRow:
        if not self.single:
            raise ODataRejection(
                "BadPath",
                f"{segment.name}: the path has no key of the {row.entity.name} before it.",
            )
        self.within = Shape(row, (), filter=self.key, within=self.within)
        target = self.planner.row(self.planner.model.target(navigation), row, navigation)
        keyed = self._keyed(target, segment)
        self.single = keyed or not navigation.many
        return target

    def _function(self, entity: EntityType, segment: Segment) -> Function | None:
        return self.planner.model.function(entity, segment.name.rpartition(".")[2])

    def _apply(self, row: EntityRow, function: Function, segment: Segment) -> EntityRow:
        if row.via is not None:
            raise NotSupported(f"{function.name} of a part of a set")
        arguments: dict[str, Expression] = {
            (each.name or "").lower(): each.value for each in segment.arguments or ()
        }
        parameters = function_parameters(function, arguments, self.query)
        model = self.planner.model
        for name in function.reads:
            self.planner.access.require(model.types[name])
            self.planner.entities[name] = model.types[name]
        return self.planner.row(model.types[function.returns], parameters=parameters)

    # Ends

    def _last(self, row: EntityRow, segment: Segment, rest: list[Segment]) -> QueryPlan:
        if rest or segment.arguments is not None:
            raise NotFound(f"The path cannot continue after {segment.name}.")
        if segment.name.lower() == "$count" and not self.single:
            options = self.query.options
            for name in ("select", "expand", "orderby", "top", "skip", "count", "skiptoken"):
                if getattr(options, name):
                    raise ODataRejection(
                        "InvalidOption",
                        f"${name} does not apply to a number.",
                        target=f"${name}",
                    )
            return self._plan("count", self._inside(shape_rows(self.planner, row, options)))
        if segment.name.lower() == "$value" and self.single and row.entity.media:
            return self._plan("media", self._inside(Shape(row, ())))
        raise NotFound(f"{row.entity.name} has no {segment.name} here.")

    def _property(self, row: EntityRow, segment: Segment, rest: list[Segment]) -> QueryPlan:
        declaration = row.entity.find(segment.name)
        assert declaration is not None
        kind: Kind = "property"
        if rest:
            if len(rest) > 1 or rest[0].name.lower() != "$value":
                raise NotFound(f"{declaration.name} has no {rest[0].name[:80]}.")
            kind = "value"
        shape = shape_one(self.planner, row, self.query.options)
        if self.query.options.select or self.query.options.expand:
            raise ODataRejection("InvalidOption", "$select and $expand do not apply to a property.")
        shape = replace(shape, properties=(declaration,))
        return replace(self._plan(kind, self._inside(shape)), property=declaration)

    def _entity(self, row: EntityRow) -> QueryPlan:
        shape = shape_one(self.planner, row, self.query.options)
        return self._plan("entity", self._inside(shape))

    def _collection(self, row: EntityRow) -> QueryPlan:
        if self.query.options.skiptoken is not None and self.after is None:
            raise bad_skiptoken()
        shape = shape_rows(self.planner, row, self.query.options, after=self.after)
        return self._plan("collection", self._inside(shape))

    def _inside(self, shape: Shape) -> Shape:
        if self.key is not None:
            return replace(shape, filter=self.key, within=self.within)
        return replace(shape, within=self.within)

    def _plan(self, kind: Kind, shape: Shape) -> QueryPlan:
        select = self.query.options.select
        names = None
        if select is not None and not any(name.text == "*" for name in select):
            names = tuple(each.name for each in shape.properties)
        return QueryPlan(
            kind,
            shape,
            select=names,
            entities=tuple(self.planner.entities.values()),
            cacheable=self.planner.cacheable,
            patterns=tuple(self.planner.patterns),
            costly=self.planner.costly,
        )


def key_condition(
    row: EntityRow, arguments: tuple[Argument, ...], aliases: Mapping[str, Expression]
) -> Node:
    """The condition that a key in parentheses makes: the key, or a group of unique properties.

    Raises ODataRejection when the properties find no single entity or a value is not of their type.
    """
    entity = row.entity
    if len(arguments) == 1 and arguments[0].name is None:
        if len(entity.key) != 1:
            raise _no_key(entity)
        arguments = (Argument(entity.key[0], arguments[0].value),)
    values: dict[str, Expression] = {}
    for each in arguments:
        declaration = entity.find(each.name or "")
        if declaration is None:
            raise _no_key(entity)
        value = each.value
        values[declaration.name] = (
            aliases.get(value.name, value) if isinstance(value, Alias) else value
        )
    if not any(set(group) == values.keys() for group in (entity.key, *entity.unique)):
        raise _no_key(entity)
    return Junction("and", tuple(_equals(row, name, value) for name, value in values.items()))


def _equals(row: EntityRow, name: str, expression: Expression) -> Node:
    declaration = row.entity.find(name)
    assert declaration is not None
    if not isinstance(expression, Constant) or expression.value is None:
        raise ODataRejection("BadKey", f"{name}: expected a value.", target=name)
    if not comparable(expression.type, declaration.type):
        kind = "null" if expression.type is None else expression.type.value
        raise ODataRejection(
            "BadKey",
            f"{name}: expected a value of {declaration.type.value}, got {kind}.",
            target=name,
        )
    value = expression.value
    if declaration.code and isinstance(value, str):
        value = value.rstrip(" ")
    return Comparison(
        "eq", PropertyColumn(row, declaration, declaration.type), BoundValue(value, expression.type)
    )


def _no_key(entity: EntityType) -> ODataRejection:
    groups = " or ".join(f"({','.join(group)})" for group in (entity.key, *entity.unique))
    return ODataRejection("BadKey", f"{entity.set_name}: this is not one of its keys, {groups}.")


def function_parameters(
    function: Function, arguments: Mapping[str, Expression], query: QueryOptions
) -> dict[str, BoundValue]:
    """The values of a function's parameters, from its parentheses, aliases or the query."""
    values: dict[str, BoundValue] = {}
    for parameter in function.parameters:
        name = parameter.name
        expression = arguments.get(name.lower())
        if expression is None and name.lower() in query.custom:
            expression = literal(query.custom[name.lower()], name)
        if expression is None and f"@{name}" in query.aliases:
            expression = query.aliases[f"@{name}"]
        if expression is not None and not isinstance(expression, Constant):
            alias = getattr(expression, "name", "")
            expression = query.aliases.get(alias)
        if expression is None and not parameter.required:
            values[name] = BoundValue(None, parameter.type)
            continue
        if not isinstance(expression, Constant) or expression.type is not parameter.type:
            raise ODataRejection(
                "BadParameter",
                f"{function.name}: {name} is missing or not of the type {parameter.type.value}"
                f" ({parameter.description}).",
                target=name,
            )
        values[name] = BoundValue(expression.value, parameter.type)
    if unknown := arguments.keys() - {each.name.lower() for each in function.parameters}:
        raise ODataRejection("BadParameter", f"{function.name} has no parameter {min(unknown)!r}.")
    return values
