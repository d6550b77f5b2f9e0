"""What the tests hold every answer against notices answers that are not as OpenAPI says."""

from typing import Any

import pytest
from tests.answers import Problems, check, check_code

BILLED = b'{"Period":"","DryRun":false,"Tenants":"2"}'
IN_USE = b'{"error":{"code":"InUse","message":"y"}}'
TOO_MANY = b'{"error":{"code":"x","message":"y"}}'


@pytest.mark.parametrize(
    ("method", "path", "route", "status", "body", "wrong"),
    [
        ("GET", "/api/Units", "/api/*", 200, b'{"value":[{"Id":1,"Floor":2}]}', None),
        ("GET", "/api/Units", "/api/*", 200, b'{"value":[{"Id":"1"}]}', "/value/0/Id"),
        ("GET", "/api/units(Id=5)", "/api/*", 200, b'{"Floor":"low"}', "/Floor"),
        ("GET", "/api/Units(5)/Building", "/api/*", 400, b'{"errors":[]}', "required"),
        ("GET", "/api/Units", "/api/*", 418, TOO_MANY, "does not declare"),
        ("DELETE", "/api/Units(5)", "/api/*", 409, IN_USE, None),
        ("DELETE", "/api/Units(5)", "/api/*", 404, IN_USE, "does not list InUse"),
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


@pytest.mark.parametrize(
    ("path", "status", "body", "wrong"),
    [
        ("/api/Units", 409, b'{"error":{"code":"InUse","message":"y"}}', None),
        ("/api/Units", 400, b'{"error":{"code":"InUse","message":"y"}}', "for rentals with 400"),
        ("/api/v1/lots", 409, b'{"errorType":"InUse","message":"y"}', "for incidents with 409"),
        ("/api/Units", 400, b'{"error":{"code":"NoSuch","message":"y"}}', "NoSuch is not in"),
        (
            "/api/Units",
            400,
            b'{"error":{"code":"TooLong","message":"y","details":[{"code":"NoSuch"}]}}',
            "NoSuch is not in",
        ),
        ("/nothing", 404, b'{"errorType":"NotFound","message":"y"}', None),
    ],
)
def test_a_code_that_the_catalogue_does_not_have_is_noticed(
    path: str, status: int, body: bytes, wrong: str | None
) -> None:
    problems = Problems()
    scope: dict[str, Any] = {"method": "POST", "asked_path": path}
    check_code(problems, scope, {"status": status}, body)
    assert [wrong in each for each in problems] == [True] if wrong else problems == []
