"""Requests of the Postman collection that write: each entity that they create they delete again.

What cannot be deleted is created only when `writeForGood` is `yes` in the environment.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from gerance.kernel.odata.describe.examples import key_predicate
from gerance.kernel.odata.describe.postman_items import Item, event, request
from gerance.kernel.odata.describe.postman_scripts import (
    answers_created,
    answers_nothing,
    answers_rejection,
    forgets,
    keeps_new_key,
    skips_unless,
    skips_without_key,
)
from gerance.kernel.odata.edm import Edm, EntityType
from gerance.kernel.odata.write_annotations import Sample

FOR_GOOD = "writeForGood"


def new_variables(entity: EntityType) -> dict[str, str]:
    """Where the key of the entity that was created is kept: the names of variables by property."""
    return {each.name: f"New_{entity.name}_{each.name}" for each in entity.keys}


def writes(entity: EntityType, sample: Sample, root: str) -> list[Item]:
    """The requests that create an entity, change it and delete it, below `root`."""
    name, variables = entity.set_name, new_variables(entity)
    read_only = _writing(f"What a new one of {name} must have", "POST", f"{root}/{name}", {})
    read_only["event"] = [event("test", answers_rejection())]
    created = _writing(f"Create one of {name}", "POST", f"{root}/{name}", sample.create)
    created["event"] = [event("test", answers_created(entity.key[0]))]
    if sample.permanent:
        created["request"]["description"] = (
            f"It stays: {name} has no DELETE. Sent only when `{FOR_GOOD}` is `yes`."
        )
        created["event"].append(event("prerequest", skips_unless(FOR_GOOD, "yes")))
        return [read_only, created]
    created["event"][0]["script"]["exec"] += keeps_new_key(variables).splitlines()
    place = f"{root}/{name}{_key(entity, variables)}"
    change_body = _writing("Change what was created", "PATCH", place, sample.change)
    deleted = _writing("Delete what was created", "DELETE", place)
    for item, script in (
        (change_body, answers_nothing()),
        (deleted, f"{answers_nothing()}\n{forgets(variables)}"),
    ):
        item["request"]["header"].append({"key": "If-Match", "value": "*"})
        item["event"] = [event("test", script), event("prerequest", skips_without_key(variables))]
    return [read_only, created, change_body, deleted]


def _key(entity: EntityType, variables: Mapping[str, str]) -> str:
    values = {name: f"{{{{{variable}}}}}" for name, variable in variables.items()}
    values |= {each.name: f"'{values[each.name]}'" for each in entity.keys
               if each.type is Edm.STRING}  # fmt: skip
    return key_predicate(entity, values)


def _writing(title: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Item:
    item = request(title, path, method=method)
    if body is not None:
        text = msgspec.json.format(msgspec.json.encode(body), indent=2).decode()
        item["request"]["header"].append({"key": "Content-Type", "value": "application/json"})
        item["request"]["body"] = {
            "mode": "raw",
            "raw": text,
            "options": {"raw": {"language": "json"}},
        }
    return item
