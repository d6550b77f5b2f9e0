"""The examples of the API pages, sent as they stand: "Try it out" works on a demonstration."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import jsonschema_rs
import pytest
from tests.clients.conftest import Server, fresh_server
from tests.waiting import PATIENCE

from gerance.kernel.odata.describe.openapi_operations import BINARY
from gerance.reference.document import METHODS

Json = dict[str, Any]

LAST = (
    "terminate",
    "otate",
    "delete_property",
    "unlink",
    "delete_",
    "logout",
    "password",
    "sessions",
)
"""What takes away what other examples need is sent last, in this order."""
CHANGES_PASSWORD = {"post_api_v1_password", "post_api_vEvent_password"}
"""Other tests log in to the demonstration: see `test_the_example_changes_a_password`."""
WITHOUT_EVENT = {
    "post_api_Webhooks_uid_GiveUp",
    "post_api_v1_subscriptions_subscription_uid_giveup",
}
"""They give up one pending event, whose position nobody knows before it is recorded."""
NEEDED_BY_OTHERS = {"AssociateProviderContactToAgency", "AssociateProviderContactWithPatrimony"}
"""Commands whose examples are executed, because the examples after them undo them."""
STREAMS = {"get_api_v1_events_stream"}
"""An answer without end: its first line is read."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    yield from fresh_server()


class Answer:
    """The status, media type, headers and body of an answer."""

    def __init__(self, response: Any, *, endless: bool) -> None:
        self.status: int = response.status
        self.media = response.headers.get_content_type()
        self.location: str | None = response.headers.get("Location")
        self.cookie: str | None = response.headers.get("Set-Cookie")
        self.body: bytes = response.readline() if endless else response.read()


class Pages:
    """The document as served, and somebody who fills in nothing but credentials."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.document: Json = json.loads(server.get("/openapi.json"))
        components = self.document["components"]
        self._responses = components["responses"]
        self._cookie = ""

    def operations(self) -> Iterator[tuple[str, str, Json]]:
        """Method, path and operation; those that take things away come last."""
        every = [
            (method, path, operation)
            for path, item in self.document["paths"].items()
            for method, operation in item.items()
            if method in METHODS
        ]

        def place(each: tuple[str, str, Json]) -> int:
            name = each[2]["operationId"]
            return next((nth for nth, word in enumerate(LAST, 1) if word in name), 0)

        yield from sorted(every, key=place)

    def send(
        self, method: str, path: str, operation: Json, example: str, body: Any, **headers: str
    ) -> Answer:
        """Send an operation with the values of its parameters, those that go with an example."""
        query = {}
        for each in operation["parameters"]:
            value = each.get("example", _chosen(each, example))
            if each.get("in") == "path":
                assert value is not None, f"{operation['operationId']}: {each['name']}"
                path = path.replace(f"{{{each['name']}}}", quote(str(value), safe=""))
            elif each.get("in") == "query" and value is not None:
                query[each["name"]] = value
        url = (
            self._server.url
            + quote(path, safe="/%()'=,$:")
            + (f"?{urlencode(query)}" if query else "")
        )
        headers |= self._credentials(operation)
        data = None
        for media in operation.get("requestBody", {}).get("content", {}):
            headers["Content-Type"] = media
            data = body.encode() if media == BINARY else json.dumps(body).encode()
            break
        request = urllib.request.Request(url, data, headers, method=method.upper())
        endless = operation["operationId"] in STREAMS
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                return Answer(response, endless=endless)
        except urllib.error.HTTPError as rejected:
            with rejected:
                return Answer(rejected, endless=False)

    def examples(self, operation: Json) -> list[tuple[str, Any]]:
        """The bodies of an operation that its page offers, by name."""
        for content in operation.get("requestBody", {}).get("content", {}).values():
            if "examples" in content:
                return [(name, each["value"]) for name, each in content["examples"].items()]
            return [("", content.get("example", self._inherited(content["schema"])))]
        return [("", None)]

    def problems(self, operation: Json, answer: Answer) -> Iterator[str]:
        """What an answer has that the document does not say."""
        declared = operation["responses"].get(str(answer.status))
        if declared is None:
            yield f"{answer.status} is not declared"
            return
        if "$ref" in declared:
            declared = self._responses[declared["$ref"].rpartition("/")[2]]
        content = declared.get("content", {})
        if not answer.body:
            return
        found = content.get(answer.media) or content.get(BINARY)
        if found is None:
            yield f"{answer.media} is not declared"
        elif answer.media == "application/json":
            value = json.loads(answer.body)
            for error in self._validator(found["schema"]).iter_errors(value):
                yield f"/{'/'.join(map(str, error.instance_path))}: {error.message[:200]}"

    def _credentials(self, operation: Json) -> dict[str, str]:
        schemes = {name for each in operation.get("security", ()) for name in each}
        if "session" in schemes:
            return {"Cookie": self._session()}
        if "bearer" in schemes:
            return {"Authorization": f"Bearer {self._server.token}"}
        if "apiKey" in schemes:
            return {"x-api-key": self._server.api_key}
        if "partnerToken" in schemes:
            return {"Authorization": f'Token token="{self._server.partner}"'}
        return {}

    def _session(self) -> str:
        """A session; a new one when an example has ended it."""
        if not self._cookie:
            item = self.document["paths"]["/api/v1/login"]["post"]
            ((_, credentials),) = self.examples(item)
            answer = self.send("post", "/api/v1/login", item, "", credentials)
            assert answer.cookie is not None
            self._cookie = answer.cookie.partition(";")[0]
        return self._cookie

    def forget_session(self) -> None:
        self._cookie = ""

    def delete(self, operation: Json, location: str | None) -> None:
        """Delete what an example has created, if that is possible: others may need its place."""
        if location is not None and operation["operationId"].startswith(("create_", "add_")):
            bare = {**operation, "parameters": [], "requestBody": {}}
            self.send("delete", urlsplit(location).path, bare, "", None)

    def _inherited(self, schema: Json) -> Any:
        name = schema.get("$ref", "").rpartition("/")[2]
        return self.document["components"]["schemas"].get(name, schema).get("example")

    def _validator(self, schema: Json) -> Any:
        needed: Json = {}
        waiting = [json.dumps(schema)]
        while waiting:
            for name in re.findall(r"#/components/schemas/([\w.]+)", waiting.pop()):
                if name not in needed:
                    needed[name] = self.document["components"]["schemas"][name]
                    waiting.append(json.dumps(needed[name]))
        whole = schema | {"components": {"schemas": needed}}
        return jsonschema_rs.validator_for(whole, validate_formats=True)


def _chosen(parameter: Json, example: str) -> Any:
    """The value of a parameter that goes with an example of the body, otherwise the first."""
    values = {name: each["value"] for name, each in parameter.get("examples", {}).items()}
    return values.get(example, next(iter(values.values()), None)) or None


@pytest.fixture(scope="module")
def pages(server: Server) -> Pages:
    return Pages(server)


def test_the_example_changes_a_password(pages: Pages) -> None:
    """The account is another one: its password in the body differs from that of the page."""
    login = pages.document["paths"]["/api/v1/login"]["post"]
    account = {"login": "gestion@demo.gerance.example", "password": "demo-gestion-2026"}
    for path in ("/api/v1/password", "/api/vEvent/password"):
        entered = pages.send("post", "/api/v1/login", login, "", account)
        assert entered.cookie is not None, entered.body
        operation = pages.document["paths"][path]["post"]
        ((_, body),) = pages.examples(operation)
        body |= {"currentPassword": account["password"]}
        body |= {"newPassword": f"{body['newPassword']} {path}"}
        anonymous = {**operation, "security": []}
        cookie = entered.cookie.partition(";")[0]
        changed = pages.send("post", path, anonymous, "", body, Cookie=cookie)
        assert changed.status == 200, changed.body
        account["password"] = body["newPassword"]


def test_every_operation_works_as_its_page_shows_it(pages: Pages) -> None:
    assert list(failures(pages)) == []


def failures(pages: Pages) -> Iterator[str]:
    """The operations whose examples are rejected or answered in another way than declared."""
    for method, path, operation in pages.operations():
        name = operation["operationId"]
        if name in CHANGES_PASSWORD:
            continue
        for nth, (example, body) in enumerate(pages.examples(operation)):
            # Of several commands one is executed; the others are tried, on an object as it is.
            dry_run = nth > 0 and example not in NEEDED_BY_OTHERS
            preference = {"Prefer": "handling=dry-run"} if dry_run else {}
            answer = pages.send(method, path, operation, example, body, **preference)
            if answer.status >= (405 if name in WITHOUT_EVENT else 300):
                yield f"{name} {example}: {answer.status} {answer.body[:300]!r}"
            yield from (f"{name} {example}: {each}" for each in pages.problems(operation, answer))
            pages.delete(operation, answer.location)
            if name.endswith(("logout", "sessions")):
                pages.forget_session()
