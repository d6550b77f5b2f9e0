"""Folders of the Postman collection, from the OpenAPI document: operations beside the entity sets.

A request has the example of its operation. Commands are tried: they carry `Prefer:
handling=dry-run`. What cannot be tried is sent only when `writeForGood` is `yes`.
"""

from typing import Any
from urllib.parse import urlencode

from gerance.kernel.odata.describe.postman_items import Item, event, request
from gerance.kernel.odata.describe.postman_scripts import answers_success, skips_unless
from gerance.kernel.odata.describe.postman_writes import FOR_GOOD
from gerance.kernel.wire import encode
from gerance.reference.document import METHODS

Json = dict[str, Any]

LOGIN, LOGIN_PASSWORD, PARTNER_TOKEN = "login", "loginPassword", "partnerToken"
VARIABLES = {LOGIN: "default", LOGIN_PASSWORD: "secret", PARTNER_TOKEN: "secret"}
"""What a person fills into the environment for these folders, and how Postman shows it."""

_ENDLESS = frozenset({"get_api_v1_events_stream"})
_LOGIN_OPERATION = "post_api_v1_login"
_DUPLICATES = tuple(f"/api/vEvent/{each}" for each in ("login", "logout", "password", "sessions"))
_COMMAND_PATHS = ("/api/vEvent/", "/v1/", "/users")


def folders(document: Json) -> list[Item]:
    """The requests beside the entity sets, by API and tag."""
    items: dict[str, list[Item]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tag = operation["tags"][0]
            if method not in METHODS or _is_elsewhere(path, tag, operation["operationId"]):
                continue
            name = f"{tag} ({_api(path)} API)"
            items.setdefault(name, []).append(_item(method.upper(), path, operation))
    return [{"name": name, "item": each} for name, each in items.items()]


def _api(path: str) -> str:
    if path.startswith(("/api/v1/", "/api/vEvent/")):
        return "incident"
    return "rental" if path.startswith("/api/") else "partner"


def _is_elsewhere(path: str, tag: str, operation_id: str) -> bool:
    """Whether other folders have an operation, or none can have it."""
    in_sets = tag.endswith("(OData)") or tag in ("OData service", "Tokens")
    return in_sets or operation_id in _ENDLESS or path.startswith(_DUPLICATES)


def _item(method: str, path: str, operation: Json) -> Item:
    query = {}
    for each in operation["parameters"]:
        value = each.get("example", _first(each.get("examples", {})))
        if each.get("in") == "path":
            path = path.replace(f"{{{each['name']}}}", str(value))
        elif each.get("in") == "query" and value:
            query[each["name"]] = value
    address = f"{path}?{urlencode(query)}" if query else path
    item = request(operation["summary"], address, method=method)
    content = operation.get("requestBody", {}).get("content", {})
    if content:
        body = content["application/json"]
        value = body.get("example", _first(body.get("examples", {})))
        if operation["operationId"] == _LOGIN_OPERATION:
            value = {"login": f"{{{{{LOGIN}}}}}", "password": f"{{{{{LOGIN_PASSWORD}}}}}"}
        item["request"]["header"].append({"key": "Content-Type", "value": "application/json"})
        item["request"]["body"] = {"mode": "raw", "raw": encode(value).decode()}
    scripts = _authorise(item, operation)
    if method != "GET" and path.startswith(_COMMAND_PATHS):
        item["request"]["header"].append({"key": "Prefer", "value": "handling=dry-run"})
    elif method != "GET" and operation["operationId"] != _LOGIN_OPERATION:
        scripts.append(skips_unless(FOR_GOOD, "yes"))
    item["event"] = [event("test", answers_success())]
    item["event"] += [event("prerequest", "\n".join(scripts))] if scripts else []
    return item


def _authorise(item: Item, operation: Json) -> list[str]:
    """Let the request carry what its operation needs; the scripts that skip it without."""
    schemes = {name for each in operation.get("security", ()) for name in each}
    if "partnerToken" in schemes:
        token = f'Token token="{{{{{PARTNER_TOKEN}}}}}"'
        item["request"]["header"].append({"key": "Authorization", "value": token})
        item["request"]["auth"] = {"type": "noauth"}
        return [_skips_without(PARTNER_TOKEN)]
    if "bearer" in schemes or operation["tags"][0] in ("Webhooks", "Billing"):
        return []
    item["request"]["auth"] = {"type": "noauth"}
    return [_skips_without(LOGIN)]


def _skips_without(variable: str) -> str:
    return f'if (!pm.variables.get("{variable}")) {{\n  pm.execution.skipRequest();\n}}'


def _first(examples: Json) -> Any:
    return next((each["value"] for each in examples.values()), None)
