"""Control information of entities: ETags and what clients cannot compute, what
`odata.metadata=full` adds, and references by address."""

from gerance.kernel.odata.edm import Edm, EntityType
from gerance.kernel.odata.plan.nodes import EntityRow, Shape
from gerance.kernel.odata.sql.expressions import Emitter
from gerance.kernel.odata.sql.style import Style

# JSON has a form of its own for these; the others are named.
_NATIVE = frozenset({Edm.BOOLEAN, Edm.STRING, Edm.DOUBLE})


def control_columns(emitter: Emitter, shape: Shape, style: Style) -> list[str]:
    """SQL of the columns that `odata.metadata=minimal` has before an entity's properties: its ETag,
    its address if the key does not say it, and where its content is."""
    entity, alias = shape.row.entity, emitter.alias(shape.row)
    if style.metadata != "minimal" or entity.base is not None:
        return []
    columns = []
    if entity.version is not None:
        columns.append(f"""'W/"' || {alias}.{entity.version} || '"' AS "@odata.etag\"""")
    if any(key not in shape.properties for key in entity.keys):
        columns.append(f'{_address_text(emitter, shape.row, style)} AS "@odata.id"')
    if entity.media:
        columns += [f'{value} AS "@odata.{name}"' for name, value in _media(emitter, shape, style)]
    return columns


def _media(emitter: Emitter, shape: Shape, style: Style) -> list[tuple[str, str]]:
    """The names and SQL of the control information of content."""
    content = _address_text(emitter, shape.row, style, "$value")
    media_type = f"coalesce({emitter.alias(shape.row)}.content_type, 'application/octet-stream')"
    links = [("mediaContentType", media_type), ("mediaReadLink", content)]
    return [*links, ("mediaEditLink", content)] if "update" in shape.row.entity.writes else links


def annotations(emitter: Emitter, shape: Shape, style: Style) -> list[str]:
    """SQL of the members that stand before an entity's properties, each a text of JSON."""
    if style.metadata == "references":
        return [f"'\"@odata.id\":' || {_address(emitter, shape.row, style)}"]
    if style.metadata != "full":
        return []
    entity, alias = shape.row.entity, emitter.alias(shape.row)
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
    if entity.version is not None:
        members.append(f"""'"@odata.etag":"W/\\"' || {alias}.{entity.version} || '\\""'""")
    if entity.media:
        members += [
            f"'\"@odata.{name}\":' || to_json({value})::text"
            for name, value in _media(emitter, shape, style)
        ]
    members += types
    expansions = {each.navigation.name for each in shape.expands}
    members += [
        f"'\"{each.name}@odata.navigationLink\":' || "
        + _address(emitter, shape.row, style, each.name)
        for each in entity.navigations
        if each.name not in expansions
    ]
    return members


def _address(emitter: Emitter, row: EntityRow, style: Style, below: str = "") -> str:
    """SQL of an entity's address, a text in JSON."""
    return f"to_json({_address_text(emitter, row, style, below)})::text"


def _address_text(emitter: Emitter, row: EntityRow, style: Style, below: str = "") -> str:
    root = emitter.bind(style.root + row.entity.set_name, "text")
    tail = f")/{below}" if below else ")"
    return f"{root} || '(' || {key_text(emitter.alias(row), row.entity)} || '{tail}'"


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
