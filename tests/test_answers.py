"""What the tests hold every answer against notices answers that are not as OpenAPI says."""

from typing import Any

import pytest
from tests.answers import Problems, check

BILLED = b'{"Period":"","DryRun":false,"Tenants":"2"}'
TOO_MANY = b'{"error":{"code":"x","message":"y"}}'


@pytest.mark.parametrize(
    ("method", "path", "route", "status", "body", "wrong"),
    [
        ("GET", "/api/Units", "/api/*", 200, b'{"value":[{"Id":1,"Floor":2}]}', None),
        ("GET", "/api/Units", "/api/*", 200, b'{"value":[{"Id":"1"}]}', "/value/0/Id"),
        ("GET", "/api/units(Id=5)", "/api/*", 200, b'{"Floor":"low"}', "/Floor"),
        ("GET", "/api/Units(5)/Building", "/api/*", 400, b'{"errors":[]}', "required"),
        ("GET", "/api/Units", "/api/*", 418, TOO_MANY, "does not declare"),
        ("DELETE", "/api/Units(5)", "/api/*", 204, b"{}", "no content"),
        ("GET", "/v1/billing-files", "/v1/billing-files", 200, b"{}", "required"),
        ("POST", "/api/Billing/Run", "/api/Billing/Run", 200, BILLED, "/Tenants"),
    ],
)
def test_an_answer_that_is_not_as_described_is_noticed(
    method: str, path: str, route: str, status: int, body: bytes, wrong: str | None
) -> None:
    problems = Problems()
    scope: dict[str, Any] = {"method": method, "endpoint_path": route, "asked_path": path}
    start = {"status": status, "headers": [(b"content-type", b"application/json")]}
    check(problems, scope, start, body)
    assert [wrong in each for each in problems] == [True] if wrong else problems == []
