"""`$metadata` and the service document of a model."""

from dataclasses import replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from tests.kernel.odata.catalogue import CATALOGUE, CATEGORY, PERSON, PRODUCT, TRIP

from gerance.kernel.odata.describe.metadata import metadata_xml, service_document
from gerance.kernel.odata.edm import Model
from gerance.kernel.odata.write_annotations import WriteAnnotations

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
CORE = "Org.OData.Core.V1"
CAPABILITIES = "Org.OData.Capabilities.V1"
WRITE_ANNOTATIONS = WriteAnnotations(
    deep={"Category": frozenset({"Products"})}, fixed={"Product": frozenset({"Code"})}
)


def schema(model: Model = CATALOGUE, *, writable: bool = False) -> Element:
    root = ElementTree.fromstring(metadata_xml(model, WRITE_ANNOTATIONS if writable else None))
    found = root.find(f".//{EDM}Schema")
    assert found is not None
    return found


def named(parent: Element, kind: str, name: str) -> Element:
    (found,) = [each for each in parent.iter(f"{EDM}{kind}") if each.get("Name") == name]
    return found


def prop(type_name: str, name: str) -> Element:
    return named(named(schema(), "EntityType", type_name), "Property", name)


def term(element: Element, name: str) -> Element:
    (found,) = [a for a in element.findall(f"{EDM}Annotation") if a.get("Term") == name]
    return found


def members(annotation: Element) -> dict[str | None, str | None]:
    """The constants of an annotation's record."""
    values = annotation.findall(f"{EDM}Record/{EDM}PropertyValue")
    return {v.get("Property"): v.get("Bool") or v.get("Int") for v in values}


def test_it_is_a_document_that_clients_of_four_point_zero_take() -> None:
    root = ElementTree.fromstring(metadata_xml(CATALOGUE))
    assert root.tag == "{http://docs.oasis-open.org/odata/ns/edmx}Edmx"
    assert root.get("Version") == "4.0"
    assert schema().get("Namespace") == "Catalogue"


def test_every_type_and_set_of_the_model_is_there() -> None:
    types = [each.get("Name") for each in schema().findall(f"{EDM}EntityType")]
    assert types == ["Product", "Category", "Person", "Trip", "Novelty"]
    sets = {e.get("Name"): e.get("EntityType") for e in schema().iter(f"{EDM}EntitySet")}
    assert sets == {
        "Products": "Catalogue.Product",
        "Categories": "Catalogue.Category",
        "People": "Catalogue.Person",
        "Trips": "Catalogue.Trip",
    }


def test_everything_says_what_it_means() -> None:
    kinds = ("EntityType", "Property", "NavigationProperty", "Function", "EntitySet")
    for kind in kinds:
        for element in schema().iter(f"{EDM}{kind}"):
            assert term(element, f"{CORE}.Description").get("String")


@pytest.mark.parametrize(
    ("name", "facets"),
    [
        ("Id", {"Type": "Edm.Int32", "Nullable": "false"}),
        ("Name", {"Type": "Edm.String", "Nullable": "false", "MaxLength": "60"}),
        ("Price", {"Type": "Edm.Decimal", "Precision": "10", "Scale": "2"}),
        ("CreatedAt", {"Type": "Edm.DateTimeOffset", "Nullable": "false", "Precision": "3"}),
        ("Opens", {"Type": "Edm.TimeOfDay"}),
    ],
)
def test_a_property_has_its_facets(name: str, facets: dict[str, str]) -> None:
    assert prop("Product", name).attrib == {"Name": name} | facets


def test_a_decimal_of_any_scale_is_not_taken_for_a_whole_number() -> None:
    price = replace(PRODUCT.properties[2], precision=None, scale=None)
    product = replace(PRODUCT, properties=(PRODUCT.properties[0], price), unique=())
    model = Model.resolve("M", [replace(product, navigations=())])
    assert named(schema(model), "Property", "Price").get("Scale") == "variable"


def test_keys_are_never_null() -> None:
    keyed = replace(TRIP.properties[0], nullable=True)
    trip = replace(TRIP, properties=(keyed, *TRIP.properties[1:]), navigations=())
    made = schema(Model.resolve("M", [trip]))
    assert [each.get("Name") for each in made.iter(f"{EDM}PropertyRef")] == ["PersonName", "TripNo"]
    assert named(made, "Property", "PersonName").get("Nullable") == "false"


def test_what_clients_only_read_says_so() -> None:
    created = prop("Product", "CreatedAt")
    assert term(created, f"{CORE}.Computed").get("Bool") == "true"
    assert term(created, f"{CORE}.Permissions").get("EnumMember") == f"{CORE}.Permission/Read"


def test_codes_come_with_their_meaning() -> None:
    allowed = term(prop("Product", "Colour"), "Org.OData.Validation.V1.AllowedValues")
    records = allowed.findall(f"{EDM}Collection/{EDM}Record")
    codes = {
        record[0].get("String"): term(record, f"{CORE}.Description").get("String")
        for record in records
    }
    assert codes == {"R": "red", "G": "green", "B": "blue & <deep>"}


def test_navigations_lead_to_types_and_back() -> None:
    product = named(schema(), "EntityType", "Product")
    category = named(product, "NavigationProperty", "Category")
    assert category.get("Type") == "Catalogue.Category"
    assert category.get("Partner") == "Products"
    assert category.get("Nullable") is None
    constraint = category.find(f"{EDM}ReferentialConstraint")
    assert constraint is not None
    assert constraint.attrib == {"Property": "CategoryId", "ReferencedProperty": "Id"}
    trips = named(named(schema(), "EntityType", "Person"), "NavigationProperty", "Trips")
    assert trips.get("Type") == "Collection(Catalogue.Trip)"
    person = named(named(schema(), "EntityType", "Trip"), "NavigationProperty", "Person")
    assert person.get("Nullable") == "false"


def test_a_derived_type_lists_its_own_properties_only() -> None:
    novelty = named(schema(), "EntityType", "Novelty")
    assert novelty.get("BaseType") == "Catalogue.Product"
    assert [each.get("Name") for each in novelty.iter(f"{EDM}Property")] == ["Age"]
    assert novelty.find(f"{EDM}Key") is None
    assert novelty.find(f"{EDM}NavigationProperty") is None


def test_alternate_keys_are_told() -> None:
    product = named(schema(), "EntityType", "Product")
    paths = [
        value.get("PropertyPath")
        for value in term(product, f"{CORE}.AlternateKeys").iter(f"{EDM}PropertyValue")
        if value.get("Property") == "Name"
    ]
    assert paths == ["Code", "Sku"]


def test_content_is_told() -> None:
    model = Model.resolve("M", [replace(TRIP, navigations=(), media=True)])
    assert named(schema(model), "EntityType", "Trip").get("HasStream") == "true"


def test_a_function_is_bound_to_its_set() -> None:
    released = named(schema(), "Function", "Released")
    assert released.get("IsBound") == "true"
    assert released.get("EntitySetPath") == "bindingParameter"
    parameters = {p.get("Name"): p for p in released.iter(f"{EDM}Parameter")}
    assert list(parameters) == ["bindingParameter", "since", "until"]
    assert parameters["bindingParameter"].get("Type") == "Collection(Catalogue.Product)"
    assert parameters["since"].get("Nullable") == "false"
    assert term(parameters["until"], f"{CORE}.OptionalParameter") is not None
    returned = released.find(f"{EDM}ReturnType")
    assert returned is not None
    assert returned.get("Type") == "Collection(Catalogue.Novelty)"


def test_sets_say_where_navigations_lead() -> None:
    bindings = named(schema(), "EntitySet", "Products").iter(f"{EDM}NavigationPropertyBinding")
    found = {each.get("Path"): each.get("Target") for each in bindings}
    assert found == {"Category": "Categories", "Supplier": "People"}


def test_sets_say_what_they_can_do() -> None:
    products = named(schema(), "EntitySet", "Products")
    assert term(products, f"{CAPABILITIES}.TopSupported").get("Bool") == "true"
    filtering = members(term(products, f"{CAPABILITIES}.FilterRestrictions"))
    assert filtering == {"Filterable": "true"}
    expanding = members(term(products, f"{CAPABILITIES}.ExpandRestrictions"))
    assert expanding == {"Expandable": "true", "MaxLevels": "6"}
    assert term(products, f"{CORE}.OptimisticConcurrency").find(f"{EDM}Collection") is not None
    people = named(schema(), "EntitySet", "People")
    assert not [a for a in people if a.get("Term") == f"{CORE}.OptimisticConcurrency"]


def test_the_service_says_which_functions_conditions_may_use() -> None:
    container = named(schema(), "EntityContainer", "Container")
    functions = term(container, f"{CAPABILITIES}.FilterFunctions").iter(f"{EDM}String")
    assert {"contains", "year", "cast"} <= {each.text for each in functions}


@pytest.mark.parametrize(
    ("kind", "member", "may"),
    [
        ("Insert", "Insertable", {"Products", "Categories"}),
        ("Update", "Updatable", {"Products"}),
        ("Delete", "Deletable", {"Products"}),
    ],
)
def test_writing_is_told_once_it_is_served(kind: str, member: str, may: set[str]) -> None:
    def said(*, writable: bool) -> set[str | None]:
        return {
            each.get("Name")
            for each in schema(writable=writable).iter(f"{EDM}EntitySet")
            if members(term(each, f"{CAPABILITIES}.{kind}Restrictions"))[member] == "true"
        }

    assert said(writable=False) == set()
    assert said(writable=True) == may


def collected(annotation: Element, member: str) -> list[str | None]:
    """The paths of a member of an annotation's record."""
    (value,) = [
        each for each in annotation.iter(f"{EDM}PropertyValue") if each.get("Property") == member
    ]
    return [each.text for each in value.iter() if each.tag.endswith("Path")]


def test_what_one_gives_and_changes_is_told() -> None:
    products = named(schema(writable=True), "EntitySet", "Products")
    inserting = term(products, f"{CAPABILITIES}.InsertRestrictions")
    assert collected(inserting, "RequiredProperties") == ["Name", "Code"]
    assert collected(inserting, "NonInsertableProperties") == ["Id", "CreatedAt"]
    updating = term(products, f"{CAPABILITIES}.UpdateRestrictions")
    assert collected(updating, "NonUpdatableProperties") == ["Id", "CreatedAt", "Code"]
    (method,) = [v for v in updating.iter() if v.get("Property") == "UpdateMethod"]
    assert method.get("EnumMember") == f"{CAPABILITIES}.HttpMethod/PATCH"


def test_what_keeps_its_first_value_is_immutable() -> None:
    def immutable(*, writable: bool) -> list[str | None]:
        product = named(schema(writable=writable), "EntityType", "Product")
        return [
            each.get("Name")
            for each in product.iter(f"{EDM}Property")
            if any(a.get("Term") == f"{CORE}.Immutable" for a in each)
        ]

    assert immutable(writable=False) == []
    assert immutable(writable=True) == ["Code"]


def test_what_may_be_created_with_others_is_told() -> None:
    categories = named(schema(writable=True), "EntitySet", "Categories")
    deep = term(categories, f"{CAPABILITIES}.DeepInsertSupport")
    assert members(deep) == {"Supported": "true", "ContentIDSupported": "false"}
    inserting = term(categories, f"{CAPABILITIES}.InsertRestrictions")
    assert collected(inserting, "NonInsertableNavigationProperties") == ["Children"]
    products = named(schema(writable=True), "EntitySet", "Products")
    assert not [a for a in products if a.get("Term") == f"{CAPABILITIES}.DeepInsertSupport"]


def test_the_service_document_lists_the_sets_that_one_may_read() -> None:
    assert service_document(CATALOGUE, ["People", "Products", "Novelties"]) == [
        {"name": "Products", "kind": "EntitySet", "url": "Products"},
        {"name": "People", "kind": "EntitySet", "url": "People"},
    ]
    assert len(service_document(CATALOGUE, {e.set_name for e in (PRODUCT, CATEGORY, PERSON)})) == 3
