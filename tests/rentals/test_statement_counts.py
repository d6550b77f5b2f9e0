"""A PATCH sends few statements: each is a round trip."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.rentals.office import Office, opened_office
from tests.statements import statements_of

DERIVED, NOTHING_DERIVED = 12, 8
"""The most statements of a request, its authentication, BEGIN and COMMIT included."""


@pytest.fixture(scope="module")
def office(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened_office(estate, tmp_path_factory.mktemp("home")) as opened:
        yield opened


@pytest.mark.parametrize("preference", ["minimal", "representation"])
@pytest.mark.parametrize(
    ("path", "values", "most"),
    [
        ("Units(1448)", [{"BaseRent": 700 + nth} for nth in range(5)], DERIVED),
        ("Tenants(1)", [{"Rent": 700 + nth} for nth in range(5)], DERIVED),
        # Of the unit the occupancy is derived, too.
        ("Tenants(1)", [{"DepartureDate": f"2031-01-0{nth + 1}"} for nth in range(5)], DERIVED),
        ("Suppliers(1)", [{"ContactName": f"Roy {nth}"} for nth in range(5)], NOTHING_DERIVED),
        ("Buildings(1)", [{"ManagerName": f"Roy {nth}"} for nth in range(5)], NOTHING_DERIVED),
    ],
    ids=["base rent", "rent", "departure", "supplier", "building"],
)
def test_a_patch_sends_few_statements(
    office: Office, path: str, values: list[dict[str, Any]], most: int, preference: str
) -> None:
    headers = {"Prefer": f"return={preference}"}
    # What is read once, and what a connection prepares, is there.
    for value in values[:-1]:
        assert office.http.patch(f"/api/{path}", json=value, headers=headers).is_success
    state = office.http.app.state  # type: ignore[attr-defined]
    with statements_of(state.pool) as statements:
        answer = office.http.patch(f"/api/{path}", json=values[-1], headers=headers)
    assert answer.is_success, answer.text
    assert 1 < len(statements) <= most, "".join(statements)
