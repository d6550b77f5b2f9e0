"""What an integrator sees: its sets, its places, what the installation has."""

from typing import Any

import pytest

from gerance.kernel.errors import Rejection
from gerance.kernel.identity.bearer import Integrator
from gerance.kernel.identity.scope import Scope
from gerance.kernel.odata.access import EVERYTHING, Access
from gerance.kernel.odata.edm import EntityType
from gerance.rentals.access.rights import access_of

INCIDENTS = frozenset({"Tickets"})


def entity(set_name: str, module: str | None = None, scope: tuple[str, ...] = ()) -> EntityType:
    return EntityType(
        name=set_name[:-1],
        set_name=set_name,
        source="t",
        description="",
        properties=(),
        module=module,
        scope=scope,
    )


BUILDINGS = entity("Buildings", scope=("company_no", "division_no"))
UNITS = entity("Units", scope=("company_no", "division_no"))
STATEMENTS = entity("FinancialStatements", module="finance")
TICKETS = entity("Tickets")
TYPES = (BUILDINGS, UNITS, STATEMENTS, TICKETS)


def access(*modules: str, **rights: Any) -> Access:
    given = {"read_only": False, "incidents": False, "sets": None, "places": None} | rights
    integrator = Integrator(uid="u", name="n", user_name="n", **given)
    return access_of(integrator, TYPES, frozenset(modules), INCIDENTS)


def allowed(access: Access) -> set[str]:
    return {each.set_name for each in TYPES if refusal(access, each) is None}


def refusal(access: Access, entity: EntityType) -> Rejection | None:
    try:
        access.require(entity)
    except Rejection as refused:
        return refused
    return None


def test_all_rights_and_all_modules_are_everything() -> None:
    assert access("finance", incidents=True) == EVERYTHING


def test_the_incident_side_needs_a_right_of_its_own() -> None:
    assert allowed(access("finance")) == {"Buildings", "Units", "FinancialStatements"}
    assert allowed(access("finance", incidents=True)) == {each.set_name for each in TYPES}
    assert allowed(access("finance", sets=frozenset({"Tickets", "Units"}))) == {"Units"}


def test_who_is_limited_to_places_never_sees_the_incident_side() -> None:
    three = ({"company_no": 3},)
    assert "Tickets" not in allowed(access("finance", incidents=True, places=three))
    with pytest.raises(Rejection, match="limited to places"):
        Scope(incidents=True, places=three)


def test_other_sets_than_its_own_are_refused() -> None:
    assert allowed(access("finance", sets=frozenset({"Units"}), incidents=True)) == {"Units"}
    assert allowed(access("finance", sets=frozenset())) == set()
    refused = refusal(access(sets=frozenset({"Units"})), BUILDINGS)
    assert refused is not None
    assert (refused.code, refused.status) == ("Forbidden", 403)
    assert "Buildings" in refused.message


def test_a_set_of_a_module_that_is_not_there_says_which() -> None:
    with pytest.raises(Rejection, match="needs the module finance") as caught:
        access("leasing").require(STATEMENTS)
    assert (caught.value.code, caught.value.status) == ("ModuleMissing", 403)
    assert allowed(access(incidents=True)) == {"Buildings", "Units", "Tickets"}


def test_places_limit_rows_where_there_are_places() -> None:
    places = ({"company_no": 3}, {"company_no": 3, "division_no": 1}, {"company_no": 1})
    seen = access(places=places)
    assert seen.rows(UNITS) == ({"company_no": 1}, {"company_no": 3})
    assert seen.rows(STATEMENTS) is None
    assert access().rows(UNITS) is None
    assert access(places=()).rows(UNITS) == ()


def test_keys_are_the_same_for_the_same_rights_alone() -> None:
    three, division = {"company_no": 3}, {"company_no": 3, "division_no": 1}
    both = frozenset({"Buildings", "Units"})
    alike = [
        [access("finance"), access("finance", read_only=True), access("finance", "other")],
        [access(places=(three,)), access(places=(division, three)), access(places=(three, three))],
        [access(sets=both), access(sets=both | {"Tickets", "Gone", "FinancialStatements"})],
        [access(incidents=True)],
        [access("finance", incidents=True)],
        [access(places=(division,))],
        [access(places=({"company_no": 3, "division_no": 11},))],
        [access(places=())],
        [access(sets=frozenset({"Units"}))],
        [access("finance", sets=both)],
        [access("finance", places=(three,))],
    ]
    keys = [{each.key for each in group} for group in alike]
    assert [len(group) for group in keys] == [1] * len(alike)
    assert len(set().union(*keys)) == len(alike)
