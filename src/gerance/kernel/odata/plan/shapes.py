"""Query options to shapes: what is selected, expanded, filtered, ordered."""

from collections.abc import Sequence

from gerance.kernel.errors import Rejection
from gerance.kernel.odata.edm import Edm, EntityType, Property
from gerance.kernel.odata.errors import LimitExceeded, NotSupported, ODataRejection
from gerance.kernel.odata.parse.syntax import ExpandItem, Name, Options
from gerance.kernel.odata.plan.expressions import plan_condition, plan_expression
from gerance.kernel.odata.plan.nodes import (
    EntityRow,
    Expansion,
    Node,
    OrderKey,
    PropertyColumn,
    Shape,
)
from gerance.kernel.odata.plan.planner import (
    MOST_RETURNS,
    Planner,
    Scope,
    returns_between,
    unknown_name,
)


def shape_rows(
    planner: Planner,
    row: EntityRow,
    options: Options,
    scope: Scope | None = None,
    *,
    after: tuple[str | None, ...] | None = None,
) -> Shape:
    """The shape of a collection of rows. Raises ODataRejection, naming what does not fit.

    `scope`: what `$it` stands for when the rows are expanded ones.
    """
    order = _order(planner, row, options, scope or {})
    if after is not None and len(after) != len(order):
        raise bad_skiptoken()
    return Shape(
        row,
        select_properties(row.entity, options.select),
        expansions(planner, row, options.expand, scope),
        None
        if options.filter is None
        else plan_condition(planner, options.filter, row, "$filter", scope),
        order,
        options.top,
        None if after is not None else options.skip,
        options.count,
        after,
    )


def shape_one(
    planner: Planner, row: EntityRow, options: Options, scope: Scope | None = None
) -> Shape:
    """The shape of a single entity: options of collections do not apply to it."""
    for name in ("filter", "orderby", "top", "skip", "count", "skiptoken"):
        if getattr(options, name):
            raise ODataRejection(
                "InvalidOption", f"${name} does not apply to a single entity.", target=f"${name}"
            )
    return Shape(
        row,
        select_properties(row.entity, options.select),
        expansions(planner, row, options.expand, scope),
    )


def select_properties(entity: EntityType, names: Sequence[Name] | None) -> tuple[Property, ...]:
    """The properties to answer, in the order they are asked for."""
    if names is None or any(name.text == "*" for name in names):
        return entity.properties
    properties: dict[str, Property] = {}
    for name in names:
        if (property_ := entity.find(name.text)) is not None:
            properties[property_.name] = property_
        elif entity.navigation(name.text) is None:
            raise unknown_name(entity, name, "$select")
    return tuple(properties.values())


def expansions(
    planner: Planner, row: EntityRow, items: Sequence[ExpandItem], scope: Scope | None = None
) -> tuple[Expansion, ...]:
    """The expanded navigations of a row; without a `scope` it is `$it` itself."""
    if scope is None:
        with planner.inside(row):
            return expansions(planner, row, items, {"$it": row})
    expansions_by_name: dict[str, Expansion] = {}
    for item in items:
        if item.every:
            for navigation in row.entity.navigations:
                name = Name(navigation.name, item.names[0].at)
                if _readable(planner, row, navigation.name):
                    every = ExpandItem((name,), item.options, item.form)
                    expansions_by_name.setdefault(
                        navigation.name, _expansion(planner, row, every, scope)
                    )
            continue
        expansion = _expansion(planner, row, item, scope)
        if expansion.navigation.name in expansions_by_name:
            raise ODataRejection(
                "RepeatedOption",
                f"$expand: {expansion.navigation.name} is given more than once.",
                target="$expand",
                position=item.names[0].at,
            )
        expansions_by_name[expansion.navigation.name] = expansion
    return tuple(expansions_by_name.values())


def bad_skiptoken() -> ODataRejection:
    """The rejection of a `$skiptoken` that is forged, expired, or of another question."""
    return ODataRejection(
        "BadSkipToken",
        "$skiptoken: this token is not valid, has expired, or was issued for another query or"
        " integrator.",
        target="$skiptoken",
    )


def _readable(planner: Planner, row: EntityRow, name: str) -> bool:
    navigation = row.entity.navigation(name)
    assert navigation is not None
    try:
        planner.access.require(planner.model.target(navigation))
    except Rejection:
        return False
    return True


def _expansion(planner: Planner, row: EntityRow, item: ExpandItem, scope: Scope) -> Expansion:
    first, *rest = item.names
    navigation = row.entity.navigation(first.text)
    if navigation is None:
        if row.entity.find(first.text) is not None:
            raise ODataRejection(
                "UnknownProperty",
                f"$expand: {first.text} is not a navigation property and needs no $expand.",
                target="$expand",
                position=first.at,
            )
        raise unknown_name(row.entity, first, "$expand")
    target = planner.row(planner.model.target(navigation), row, navigation)
    _require_one_return(target, scope["$it"], first.at)
    options = item.options
    form = item.form
    if rest:
        options, form = Options(expand=(ExpandItem(tuple(rest), options, form),)), "entities"
    if navigation.many:
        return Expansion(navigation, shape_rows(planner, target, options, scope), form)
    if form == "count":
        raise ODataRejection(
            "InvalidOption",
            f"$expand: {first.text} is not a collection and cannot be counted.",
            target="$expand",
        )
    if options.count or options.filter or options.orderby or options.top or options.skip:
        raise NotSupported(f"An option of collections on {first.text}", target="$expand")
    return Expansion(navigation, shape_one(planner, target, options, scope), form)


def _require_one_return(row: EntityRow, root: EntityRow, position: int) -> None:
    """Raises LimitExceeded where an expansion leads from many to one and back to many twice."""
    if returns_between(row, root) > MOST_RETURNS:
        raise LimitExceeded(
            f"$expand: the path returns to a collection more than {MOST_RETURNS} time. Read"
            f" {row.entity.set_name} with a request of their own.",
            target="$expand",
            position=position,
        )


def _order(
    planner: Planner, row: EntityRow, options: Options, scope: Scope
) -> tuple[OrderKey, ...]:
    """What is asked for, then the key: an order in which every row has one place."""
    keys: list[OrderKey] = []
    names: set[str] = set()
    cacheable, planner.cacheable = planner.cacheable, True
    for ordering in options.orderby:
        node = plan_expression(planner, ordering.expression, row, "$orderby", scope)
        if not planner.cacheable:
            # The next page would begin behind a value that no row has any more.
            raise NotSupported("An order by now()", target="$orderby")
        if node.type is None:
            continue
        if isinstance(node, PropertyColumn) and node.row is row:
            if node.property.name in names:
                continue
            if node.type is not Edm.STRING:
                names.add(node.property.name)
        keys.append(OrderKey(_sorting(node), ordering.descending, _nullable(node, row)))
    planner.cacheable = cacheable
    keys += [
        OrderKey(PropertyColumn(row, key, key.type), False, False)
        for key in row.entity.keys
        if key.name not in names
    ]
    return tuple(keys)


def _sorting(node: Node) -> Node:
    if isinstance(node, PropertyColumn) and node.type is Edm.STRING:
        return PropertyColumn(node.row, node.property, node.type, sorting=True)
    return node


def _nullable(node: Node, row: EntityRow) -> bool:
    if isinstance(node, PropertyColumn) and node.row is row:
        return node.property.nullable and node.property not in row.entity.keys
    return True
