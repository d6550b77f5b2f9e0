"""Whatever fits the description of an endpoint, or just does not, is answered as described."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from tests.app import in_patrimony, new_uid, open_ticket, provider_contact
from tests.incidents.conftest import ADDRESS, SIRET, User, World, refusal

from gerance.app import endpoints

EXAMPLES = 5
IN_ODATA = {"Token", "subscribe", "unsubscribe", "Webhooks", "Billing"}
ENDLESS = "text/event-stream"
MESSAGE = '"commandType":"AddMessage","message":"m","messageAddedDate":"2026-01-15T11:00:00Z"'


@pytest.fixture(scope="module")
def root(world: World) -> User:
    return world.root


@pytest.fixture(scope="module")
def document(root: User) -> dict[str, Any]:
    answer = root.http.get("/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


@pytest.fixture(scope="module")
def there(world: World, root: User) -> dict[str, str]:
    """Something that is there, for each parameter of a path."""
    return {
        "ticket_uid": open_ticket(root, in_patrimony(world.patrimony)),
        "company_uid": world.company,
        "agency_uid": world.agency,
        "patrimony_uid": world.patrimony,
        "lot_uid": root.created(
            "lots",
            "ReferenceLot",
            ref="L",
            lotNumber="1",
            patrimonyUid=world.patrimony,
            addresses=[ADDRESS],
            usage="Apartment",
        ),
        "subscription_uid": root.http.post(
            "/api/v1/subscriptions", json={"url": "https://hooks.invalid/"}, headers=root._headers
        ).json()["uid"],
        "user_uid": world.manager.uid,
        "contact_uid": provider_contact(root, world.company),
        "client_id": "54d8b0fad5922248bf2f",
        "provider_company_uid": root.created(
            "providercompanies", "ReferenceProviderCompany", name="P", siretNumber=SIRET
        ),
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        (e.method, e.path)
        for e in endpoints()
        if not e.path.endswith(("/logout", "/v1/sessions", "/vEvent/sessions"))
        and e.media != ENDLESS
    ],
    ids=lambda each: each,
)
@pytest.mark.parametrize("mode", schemathesis.GenerationMode, ids=lambda mode: mode.value)
def test_an_endpoint_answers_as_described(
    mode: schemathesis.GenerationMode,
    method: str,
    path: str,
    root: User,
    document: dict[str, Any],
    there: dict[str, str],
) -> None:
    operation = schemathesis.openapi.from_dict(document)[path][method]
    described = {int(status) for status in document["paths"][path][method.lower()]["responses"]}

    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def answered(case: schemathesis.Case) -> None:
        case.path_parameters = {**case.path_parameters, **there}
        sent = case.as_transport_kwargs(base_url="http://testserver")
        body: Any = {name: sent[name] for name in ("json",) if name in sent}
        if isinstance(sent.get("data"), dict):
            body = {"data": {name: str(value) for name, value in sent["data"].items()}}
        elif "data" in sent:
            body = {"content": sent["data"], "headers": {"Content-Type": "application/json"}}
        answer = root.http.request(
            method,
            sent["url"],
            params=[(name, str(value)) for name, value in sent["params"].items()],
            **{**body, "headers": {**root._headers, **body.get("headers", {})}},
        )
        assert answer.status_code in described, answer.text
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            if path == "/users":
                assert answer.json()["response_code"] == 1
            elif path.startswith("/v1/"):
                assert answer.json()["response"] == 1
            elif path.split("/")[2] in IN_ODATA:
                assert set(answer.json()["error"]) >= {"code", "message"}
            else:
                refusal(answer, answer.status_code)

    answered()


@pytest.mark.parametrize(
    "doubled",
    [
        '"message":"n"',
        '"processUid":"17ab7b5b-b7ca-18f6-d5f3-3dfbcbaee1a2"',
        '"message":7',
        '"commandType":"CloseTicket"',
        '"commandType":"AddMessage"',
        '"eventType":"MessageAdded","eventType":"TicketOpened"',
    ],
)
def test_a_member_that_is_there_twice_is_rejected(
    doubled: str, root: User, there: dict[str, str]
) -> None:
    body = f'{{"processUid":"{new_uid()}",{MESSAGE},{doubled}}}'
    answer = root.http.patch(
        f"/api/vEvent/tickets/{there['ticket_uid']}", content=body, headers=root._headers
    )
    assert answer.status_code == 400, answer.text
