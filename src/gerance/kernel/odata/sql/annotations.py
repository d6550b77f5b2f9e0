"""Control information of entities: addresses that clients cannot compute, what
`odata.metadata=full` adds, and references by address."""

from gerance.kernel.odata.edm import Edm, EntityType
from gerance.kernel.odata.plan.nodes import EntityRow, Shape
from gerance.kernel.odata.sql.expressions import Emitter
from gerance.kernel.odata.sql.style import Style

# JSON has a form of its own for these; the others are named.
_NATIVE = frozenset({Edm.BOOLEAN, Edm.STRING, Edm.DOUBLE})


def annotations(emitter: Emitter, shape: Shape, style: Style) -> list[str]:
    """SQL of the members that stand before an entity's properties, each a text of JSON."""
    if style.metadata == "references":
        return [entity_id(emitter, shape, style)]
    if style.metadata != "full":
        return []
    entity = shape.row.entity
    types = [
        f"""'"{each.name}@odata.type":"#{each.type.value.removeprefix("Edm.")}"'"""
        for each in shape.properties
        if each.type not in _NATIVE
    ]
    if entity.base is not None:
        # What a function computed has no address of its own.
        kind = f"""'"@odata.type":"#{style.namespace}.{entity.name}","@odata.id":null'"""
        return [kind, *types]
    address = _address(emitter, shape.row, style)
    members = [
        f"""'"@odata.type":"#{style.namespace}.{entity.name}"'""",
        f"'\"@odata.id\":' || {address}",
        f"'\"@odata.editLink\":' || {address}",
    ]
    members += media_links(emitter, shape, style) if entity.media else []
    members += types
    expansions = {each.navigation.name for each in shape.expands}
    members += [
        f"'\"{each.name}@odata.navigationLink\":' || "
        + _address(emitter, shape.row, style, each.name)
        for each in entity.navigations
        if each.name not in expansions
    ]
    return members


def entity_id(emitter: Emitter, shape: Shape, style: Style) -> str:
    """SQL of the address of an entity as `@odata.id`."""
    return f"'\"@odata.id\":' || {_address(emitter, shape.row, style)}"


def media_links(emitter: Emitter, shape: Shape, style: Style) -> list[str]:
    """SQL of the links to the content of a media entity, and of its type."""
    entity = shape.row.entity
    media_type = f"to_json({emitter.alias(shape.row)}.content_type)::text"
    address = _address(emitter, shape.row, style, "$value")
    links = ["mediaReadLink", "mediaEditLink"] if "update" in entity.writes else ["mediaReadLink"]
    return [
        f"'\"@odata.mediaContentType\":' || {media_type}",
        *(f"'\"@odata.{each}\":' || {address}" for each in links),
    ]


def _address(emitter: Emitter, row: EntityRow, style: Style, below: str = "") -> str:
    """SQL of an entity's address, a text in JSON."""
    root = emitter.bind(style.root + row.entity.set_name, "text")
    tail = f")/{below}" if below else ")"
    key = key_text(emitter.alias(row), row.entity)
    return f"to_json({root} || '(' || {key} || '{tail}')::text"


def key_text(alias: str, entity: EntityType) -> str:
    """SQL of what stands in parentheses in an entity's address."""
    members = []
    for key in entity.keys:
        value = f"{alias}.{key.column}"
        if key.type is Edm.STRING:
            text = f"replace(replace({value}, '''', ''''''), '%', '%25')"
            for raw, escape in ((" ", "%20"), ("/", "%2F"), ("?", "%3F"), ("#", "%23")):
                text = f"replace({text}, '{raw}', '{escape}')"
            value = f"'''' || {text} || ''''"
        members.append(value if len(entity.key) == 1 else f"'{key.name}=' || {value}")
    return " || ',' || ".join(members)
