"""CSDL in JSON, from the same in XML: as far as `metadata` writes it.

Source: OData Common Schema Definition Language (CSDL) JSON Representation 4.01. A test compares it
with what the converter of the OASIS committee makes.
"""

from typing import Any
from xml.etree.ElementTree import Element

Json = dict[str, Any]

_COLLECTION = "Collection("


def csdl_json(edmx: Element) -> Json:
    """The document, from its root in XML, whose tags are as they are written there."""
    document: Json = {"$Version": "4.01"}
    document["$Reference"] = {
        each.attrib["Uri"]: {"$Include": [{"$Namespace": i.attrib["Namespace"]} for i in each]}
        for each in edmx.findall("edmx:Reference")
    }
    for schema in edmx.iter("Schema"):
        namespace = schema.attrib["Namespace"]
        document[namespace] = _schema(schema)
        for container in schema.findall("EntityContainer"):
            document["$EntityContainer"] = f"{namespace}.{container.attrib['Name']}"
    return document


def _schema(schema: Element) -> Json:
    members: Json = {}
    for each in schema:
        name = each.attrib["Name"]
        match each.tag:
            case "EntityType":
                members[name] = _entity_type(each)
            case "Function":
                members.setdefault(name, []).append(_function(each))
            case "EntityContainer":
                sets = {s.attrib["Name"]: _entity_set(s) for s in each.findall("EntitySet")}
                members[name] = {"$Kind": "EntityContainer", **sets, **_annotations(each)}
    return members


def _entity_type(element: Element) -> Json:
    made: Json = {"$Kind": "EntityType"}
    if (base := element.get("BaseType")) is not None:
        made["$BaseType"] = base
    if element.get("HasStream") == "true":
        made["$HasStream"] = True
    if keys := element.findall("Key/PropertyRef"):
        made["$Key"] = [each.attrib["Name"] for each in keys]
    for each in element.findall("Property"):
        made[each.attrib["Name"]] = _typed(each, plain="Edm.String")
    for each in element.findall("NavigationProperty"):
        made[each.attrib["Name"]] = _navigation(each)
    return made | _annotations(element)


def _navigation(element: Element) -> Json:
    made: Json = {"$Kind": "NavigationProperty", **_type(element)}
    if "$Collection" not in made and element.get("Nullable") != "false":
        made["$Nullable"] = True
    if (partner := element.get("Partner")) is not None:
        made["$Partner"] = partner
    if constraints := element.findall("ReferentialConstraint"):
        made["$ReferentialConstraint"] = {
            each.attrib["Property"]: each.attrib["ReferencedProperty"] for each in constraints
        }
    return made | _annotations(element)


def _function(element: Element) -> Json:
    made: Json = {"$Kind": "Function"}
    if (path := element.get("EntitySetPath")) is not None:
        made["$EntitySetPath"] = path
    made |= {"$IsBound": True, "$IsComposable": True}
    made["$Parameter"] = [
        {"$Name": each.attrib["Name"], **_typed(each)} for each in element.findall("Parameter")
    ]
    (returned,) = element.findall("ReturnType")
    return made | {"$ReturnType": _typed(returned)} | _annotations(element)


def _entity_set(element: Element) -> Json:
    made: Json = {"$Collection": True, "$Type": element.attrib["EntityType"]}
    if bindings := element.findall("NavigationPropertyBinding"):
        made["$NavigationPropertyBinding"] = {
            each.attrib["Path"]: each.attrib["Target"] for each in bindings
        }
    return made | _annotations(element)


def _typed(element: Element, *, plain: str | None = None) -> Json:
    """Type and facets; a type that is `plain` goes without saying."""
    made = {} if element.get("Type") == plain else _type(element)
    if element.get("Nullable") != "false":
        made["$Nullable"] = True
    for name in ("MaxLength", "Precision", "Scale"):
        if (value := element.get(name)) is not None:
            made[f"${name}"] = int(value) if value.isdecimal() else value
    return made | _annotations(element)


def _type(element: Element) -> Json:
    name = element.attrib["Type"]
    if name.startswith(_COLLECTION):
        return {"$Collection": True, "$Type": name.removeprefix(_COLLECTION).removesuffix(")")}
    return {"$Type": name}


def _annotations(element: Element) -> Json:
    return {f"@{each.attrib['Term']}": _value(each) for each in element.findall("Annotation")}


def _value(element: Element) -> Any:
    """The value of an annotation, or of a member of a record: an attribute or what is inside."""
    for name, text in element.items():
        match name:
            case "Bool":
                return text == "true"
            case "Int":
                return int(text)
            case "String" | "PropertyPath":
                return text
            case "EnumMember":
                return text.rpartition("/")[2]
    (inside,) = element
    return _inside(inside)


def _inside(element: Element) -> Any:
    if element.tag == "Record":
        values = {e.attrib["Property"]: _value(e) for e in element.findall("PropertyValue")}
        return values | _annotations(element)
    return [_inside(each) if each.tag == "Record" else each.text for each in element]
