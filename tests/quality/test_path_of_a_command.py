"""A command on a ticket reads straight down through few files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.app import LATER, in_patrimony, new_uid, opening, provider_contact
from tests.incidents.conftest import World, command
from tests.living import running
from tests.quality.path_trace import MOST_FILES, files_of_request


@pytest.fixture
def world(database: str, tmp_path: Path) -> Iterator[World]:
    with running(database, tmp_path) as http:
        yield World(http, database)


def test_a_provider_is_assigned_through_at_most_15_files(world: World) -> None:
    provider = provider_contact(world.root, world.company)
    ticket = new_uid()
    body = opening(in_patrimony(world.patrimony)) | {"aggregateUid": ticket}
    assert world.root.send("POST", "tickets", body).status_code == 201
    assignment = command(
        "AssignProvider",
        provider={"providerUid": provider, "providerType": "ReferencedProvider"},
        purpose={"purpose": "Dépannage", "providerAssignationPurposeType": "Purpose"},
        date=LATER,
    )

    files, response = files_of_request(
        world.http, lambda: world.root.send("PATCH", f"tickets/{ticket}", assignment)
    )

    assert [event["eventType"] for event in response.json()["events"]] == ["ProviderAssigned"]
    assert "incidents/tickets/decide.py" in files
    assert len(files) <= MOST_FILES, "\n".join(["AssignProvider passes through:", *files])
