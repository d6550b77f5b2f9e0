"""The container of a model in CSDL: its sets, where their navigations lead, what they can do."""

from xml.etree.ElementTree import Element, SubElement

from gerance.kernel.odata.annotations import CAPABILITIES, CORE, annotate, describe, paths, record
from gerance.kernel.odata.edm import EntityType, Model
from gerance.kernel.odata.parse.options import DEEPEST_EXPAND
from gerance.kernel.odata.plan.functions import FUNCTIONS

CONTAINER = "Container"


def add_container(schema: Element, model: Model, *, writable: bool) -> None:
    """Put the container of a model's sets into its schema."""
    container = SubElement(schema, "EntityContainer", Name=CONTAINER)
    for entity in model.sets.values():
        _add_set(container, model, entity, writable=writable)
    for term in ("BatchSupported", "CrossJoinSupported", "AsynchronousRequestsSupported"):
        annotate(container, f"{CAPABILITIES}.{term}", value=False)
    functions = annotate(container, f"{CAPABILITIES}.FilterFunctions")
    paths(functions, (*FUNCTIONS, "cast", "isof"), kind="String")


def _add_set(container: Element, model: Model, entity: EntityType, *, writable: bool) -> None:
    name = f"{model.namespace}.{entity.name}"
    made = SubElement(container, "EntitySet", Name=entity.set_name, EntityType=name)
    for path, target in _bindings(model, entity):
        SubElement(made, "NavigationPropertyBinding", Path=path, Target=target)
    describe(made, entity.description)
    _add_reading(made, entity)
    _add_tracking(made, model, entity)
    _add_writing(made, entity, entity.writes if writable else frozenset())
    if entity.version is not None:
        # Empty: the service does not say from what it makes an ETag.
        paths(annotate(made, f"{CORE}.OptimisticConcurrency"), ())


def _bindings(model: Model, entity: EntityType) -> list[tuple[str, str]]:
    """Where the navigations of a set's entities lead, those of its derived types included."""
    found = [(each.name, model.types[each.target]) for each in entity.navigations]
    for derived in model.types.values():
        if derived.base == entity.name:
            own = derived.navigations[len(entity.navigations) :]
            prefix = f"{model.namespace}.{derived.name}"
            found += [(f"{prefix}/{each.name}", model.types[each.target]) for each in own]
    return [
        (path, target.set_name)
        for path, target in found
        if model.entity_set(target.set_name) is target
    ]


def _add_reading(element: Element, entity: EntityType) -> None:
    supported = {"TopSupported": True, "SkipSupported": True, "IndexableByKey": True}
    for term, yes in supported.items():
        annotate(element, f"{CAPABILITIES}.{term}", value=yes)
    for term, member in (
        ("CountRestrictions", "Countable"),
        ("FilterRestrictions", "Filterable"),
        ("SortRestrictions", "Sortable"),
    ):
        record(annotate(element, f"{CAPABILITIES}.{term}"), **{member: True})
    expanding = annotate(element, f"{CAPABILITIES}.ExpandRestrictions")
    if entity.navigations:
        record(expanding, Expandable=True, MaxLevels=DEEPEST_EXPAND)
    else:
        record(expanding, Expandable=False)
    record(annotate(element, f"{CAPABILITIES}.SearchRestrictions"), Searchable=False)


def _add_tracking(element: Element, model: Model, entity: EntityType) -> None:
    tracking = annotate(element, f"{CAPABILITIES}.ChangeTracking")
    if entity.logged is None:
        record(tracking, Supported=False)
        return
    made = record(tracking, Supported=True)
    filterable = SubElement(made, "PropertyValue", Property="FilterableProperties")
    paths(filterable, [each.name for each in entity.properties])
    followed = [each.name for each in entity.navigations if model.target(each).logged]
    expandable = SubElement(made, "PropertyValue", Property="ExpandableProperties")
    paths(expandable, followed, kind="NavigationPropertyPath")


def _add_writing(element: Element, entity: EntityType, writes: frozenset[str]) -> None:
    inserting = annotate(element, f"{CAPABILITIES}.InsertRestrictions")
    inserted = record(inserting, Insertable="create" in writes)
    required = [each.name for each in entity.properties if each.required]
    if "create" in writes and required:
        paths(SubElement(inserted, "PropertyValue", Property="RequiredProperties"), required)
    updating = annotate(element, f"{CAPABILITIES}.UpdateRestrictions")
    record(updating, Updatable="update" in writes)
    deleting = annotate(element, f"{CAPABILITIES}.DeleteRestrictions")
    record(deleting, Deletable="delete" in writes)
