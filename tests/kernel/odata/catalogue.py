"""A second model, with tables and rows: whatever reads a model must do without knowing rentals.

Products in categories that have parents, people who follow their best friends, their trips (a key
of two parts), and one function. `TABLES` needs a migrated database.
"""

from pathlib import Path

from gerance.kernel.odata.edm import (
    Edm,
    EntityType,
    Function,
    Model,
    Navigation,
    Parameter,
    Property,
)

PRODUCT = EntityType(
    name="Product",
    set_name="Products",
    source="catalogue.product",
    description="What the shop sells.",
    version="version",
    writes=frozenset({"create", "update", "delete"}),
    unique=(("Code",), ("Sku",)),
    scope=("store",),
    properties=(
        Property(
            name="Id",
            type=Edm.INT32,
            column="id",
            description="Its number.",
            nullable=False,
            computed=True,
        ),
        Property(
            name="Name",
            type=Edm.STRING,
            column="name",
            description="What it is called.",
            nullable=False,
            required=True,
            sorted_by="name_order",
            max_length=60,
        ),
        Property(
            name="Price",
            type=Edm.DECIMAL,
            column="price",
            description="Its price.",
            precision=10,
            scale=2,
        ),
        Property(name="Rating", type=Edm.INT32, column="rating", description="Stars, 1 to 5."),
        Property(name="Weight", type=Edm.DOUBLE, column="weight", description="In kilograms."),
        Property(
            name="ReleasedOn",
            type=Edm.DATE,
            column="released_on",
            description="The day it came out.",
        ),
        Property(
            name="CreatedAt",
            type=Edm.DATE_TIME_OFFSET,
            column="created_at",
            description="When it was entered.",
            nullable=False,
            computed=True,
            precision=3,
        ),
        Property(
            name="Code",
            type=Edm.STRING,
            column="code",
            description='Its code, "A" or "A " alike.',
            nullable=False,
            required=True,
            code=True,
            max_length=10,
        ),
        Property(
            name="Discontinued",
            type=Edm.BOOLEAN,
            column="discontinued",
            description="Whether it is no longer made; null: nobody knows.",
        ),
        Property(
            name="Sku",
            type=Edm.GUID,
            column="sku",
            description="Its stock-keeping unit.",
            nullable=False,
        ),
        Property(name="Stock", type=Edm.INT64, column="stock", description="How many are left."),
        Property(
            name="Opens",
            type=Edm.TIME_OF_DAY,
            column="opens",
            description="From when on it may be bought.",
        ),
        Property(
            name="Colour",
            type=Edm.STRING,
            column="colour",
            description="Its colour.",
            values={"R": "red", "G": "green", "B": "blue & <deep>"},
        ),
        Property(name="CategoryId", type=Edm.INT32, column="category_id", description="Where."),
        Property(
            name="SupplierName", type=Edm.STRING, column="supplier_name", description="From whom."
        ),
    ),
    navigations=(
        Navigation(
            name="Category",
            target="Category",
            columns=(("category_id", "id"),),
            description="Where it is found.",
            partner="Products",
            referential=(("CategoryId", "Id"),),
        ),
        Navigation(
            name="Supplier",
            target="Person",
            columns=(("supplier_name", "user_name"),),
            description="Who supplies it.",
            partner="Supplies",
            referential=(("SupplierName", "UserName"),),
        ),
    ),
)

CATEGORY = EntityType(
    name="Category",
    set_name="Categories",
    source="catalogue.category",
    description="A kind of products, inside another one perhaps.",
    writes=frozenset({"create"}),
    properties=(
        Property(name="Id", type=Edm.INT32, column="id", description="Its number.", nullable=False),
        Property(
            name="Name",
            type=Edm.STRING,
            column="name",
            description="What it is called.",
            nullable=False,
            sorted_by="name_order",
        ),
        Property(
            name="ParentId",
            type=Edm.INT32,
            column="parent_id",
            description="The kind that it belongs to.",
        ),
    ),
    navigations=(
        Navigation(
            name="Products",
            target="Product",
            columns=(("id", "category_id"),),
            description="What it has.",
            many=True,
            partner="Category",
        ),
        Navigation(
            name="Parent",
            target="Category",
            columns=(("parent_id", "id"),),
            description="The kind that it belongs to.",
            partner="Children",
            referential=(("ParentId", "Id"),),
        ),
        Navigation(
            name="Children",
            target="Category",
            columns=(("id", "parent_id"),),
            description="The kinds inside it.",
            many=True,
            partner="Parent",
        ),
    ),
)

PERSON = EntityType(
    name="Person",
    set_name="People",
    source="catalogue.person",
    description="Somebody.",
    key=("UserName",),
    properties=(
        Property(
            name="UserName",
            type=Edm.STRING,
            column="user_name",
            description="By which they log in.",
            nullable=False,
        ),
        Property(
            name="FirstName",
            type=Edm.STRING,
            column="first_name",
            description="First name.",
            sorted_by="first_name_order",
        ),
        Property(name="LastName", type=Edm.STRING, column="last_name", description="Family name."),
        Property(name="BirthDate", type=Edm.DATE, column="birth_date", description="When born."),
        Property(
            name="BestFriendName",
            type=Edm.STRING,
            column="best_friend_name",
            description="The user name of their best friend.",
        ),
    ),
    navigations=(
        Navigation(
            name="BestFriend",
            target="Person",
            columns=(("best_friend_name", "user_name"),),
            description="Their best friend.",
            partner="Followers",
            referential=(("BestFriendName", "UserName"),),
        ),
        Navigation(
            name="Followers",
            target="Person",
            columns=(("user_name", "best_friend_name"),),
            description="Whose best friend they are.",
            many=True,
            partner="BestFriend",
        ),
        Navigation(
            name="Trips",
            target="Trip",
            columns=(("user_name", "person_name"),),
            description="Where they went.",
            many=True,
            partner="Person",
        ),
        Navigation(
            name="Supplies",
            target="Product",
            columns=(("user_name", "supplier_name"),),
            description="What they supply.",
            many=True,
            partner="Supplier",
        ),
    ),
)

TRIP = EntityType(
    name="Trip",
    set_name="Trips",
    source="catalogue.trip",
    description="A journey of somebody, numbered by person.",
    key=("PersonName", "TripNo"),
    properties=(
        Property(
            name="PersonName",
            type=Edm.STRING,
            column="person_name",
            description="Who went.",
            nullable=False,
        ),
        Property(
            name="TripNo",
            type=Edm.INT32,
            column="trip_no",
            description="Which one.",
            nullable=False,
        ),
        Property(
            name="Budget",
            type=Edm.DECIMAL,
            column="budget",
            description="What it may cost.",
            precision=12,
            scale=2,
        ),
        Property(
            name="StartsAt",
            type=Edm.DATE_TIME_OFFSET,
            column="starts_at",
            description="When it begins.",
            precision=3,
        ),
    ),
    navigations=(
        Navigation(
            name="Person",
            target="Person",
            columns=(("person_name", "user_name"),),
            description="Who went.",
            partner="Trips",
            referential=(("PersonName", "UserName"),),
        ),
    ),
)

NOVELTY = EntityType(
    name="Novelty",
    set_name="Novelties",
    base="Product",
    source=(
        "(SELECT product.*, released_on - {since}::date AS age FROM catalogue.product"
        " WHERE released_on >= {since}::date AND ({until}::date IS NULL OR released_on <= {until}))"
    ),
    description="A product that came out in a range of days.",
    scope=("store",),
    properties=(
        Property(
            name="Age",
            type=Edm.INT32,
            column="age",
            description="Days after the first of the range.",
            computed=True,
            nullable=False,
        ),
    ),
)

CATALOGUE = Model.resolve(
    "Catalogue",
    (PRODUCT, CATEGORY, PERSON, TRIP, NOVELTY),
    (
        Function(
            name="Released",
            binding="Product",
            returns="Novelty",
            parameters=(
                Parameter(name="since", type=Edm.DATE, description="The first day."),
                Parameter(name="until", type=Edm.DATE, description="The last day.", required=False),
            ),
            description="What came out in a range of days.",
            reads=("Product",),
        ),
    ),
)

TABLES = Path(__file__).with_name("catalogue.sql").read_text(encoding="utf-8")
"""SQL: the schema `catalogue`, its tables and rows."""
