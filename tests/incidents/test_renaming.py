"""Who is renamed, is renamed in the tickets that show it, in the same transaction."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from tests.kernel.meeting import Stepped, connected, until_done_or_waiting

from gerance.incidents.name_propagation import propagate_name

from .conftest import ADDRESS, DAY, MOMENT, World

NAMED = {"nameType": "PoorName", "value": "Gardien Premier"}


def opened(
    world: World, location: dict[str, str], caller: str | None = None, uid: str | None = None
) -> str:
    who: dict[str, Any] = {"callerType": "HumanCaller", "name": NAMED}
    if caller is not None:
        who = {"callerType": "ReferencedContactCaller", "uid": caller}
    ticket = {
        "caller": who,
        "claimNumber": {},
        "address": ADDRESS,
        "request": "Plus de lumière",
        "callPurposeLabel": "Électricité",
        "altCallPurpose": {},
        "additionalData": {},
    }
    return world.root.created(
        "tickets", "OpenTicket", locationRef=location, ticket=ticket, openedDate=MOMENT,
        aggregateUid=uid,
    )  # fmt: skip


def at_patrimony(patrimony: str) -> dict[str, str]:
    return {"locationReferenceType": "PatrimonyLocation", "patrimonyUid": patrimony}


def assign(world: World, ticket: str, provider: str) -> None:
    world.root.events(
        f"tickets/{ticket}",
        "AssignProvider",
        provider={"providerType": "ReferencedProvider", "providerUid": provider},
        purpose={"providerAssignationPurposeType": "Purpose", "purpose": "dépannage"},
        date=MOMENT,
    )


def listed(world: World, ticket: str) -> dict[str, Any]:
    found = world.root.get("tickets", range="0-99")["result"]
    return next(shown for shown in found if shown["uid"] == ticket)


@pytest.fixture(scope="module")
def provider(world: World) -> str:
    return world.root.created(
        "providercontacts",
        "AddProviderContact",
        companyUid=world.company,
        date=MOMENT,
        name="Ancien artisan",
        phones=["01"],
        fax=[],
        emails=[],
    )


def test_an_agency_is_renamed(world: World) -> None:
    agency = world.new_agency(world.company, "Ancienne")
    ticket = opened(world, {"locationReferenceType": "AgencyLocation", "agencyUid": agency})
    untouched = opened(world, at_patrimony(world.patrimony))
    before = listed(world, untouched)
    described = {"name": "Nouvelle", "phones": [], "emails": []}
    world.root.events(
        f"clientcompanies/{world.company}/agencies/{agency}",
        "UpdateAgency",
        updatedDate=DAY,
        agency=described,
    )
    assert listed(world, ticket)["agencies"] == [{"uid": agency, "name": "Nouvelle"}]
    assert listed(world, untouched) == before


def test_a_company_is_renamed(world: World) -> None:
    ticket = opened(world, at_patrimony(world.other_patrimony))
    path = f"clientcompanies/{world.other_company}"
    world.root.events(path, "UpdateClientAccount", updatedDate=DAY, name="Régie neuve")
    shown = world.root.get(f"tickets/{ticket}")
    assert shown["linkedEntities"]["clientCompany"]["name"] == "Régie neuve"


def test_an_account_that_joins_a_holding_brings_its_tickets(world: World) -> None:
    company = world.account("Racheté")
    agency = world.new_agency(company, "Agence")
    ticket = opened(world, {"locationReferenceType": "AgencyLocation", "agencyUid": agency})
    world.holding_manager.get(f"tickets/{ticket}", status=404)
    world.root.events(
        f"clientcompanies/{company}",
        "UpdateClientAccount",
        updatedDate=DAY,
        name="Racheté",
        holdingReference=world.holding,
    )
    world.holding_manager.get(f"tickets/{ticket}")


def test_a_patrimony_is_renamed_and_changes_hands(world: World) -> None:
    patrimony = world.new_patrimony("R-1", world.second_agency, label="Avant")
    path, ticket = f"patrimonies/{patrimony}", opened(world, at_patrimony(patrimony))
    world.root.events(path, "UpdatePatrimony", ref="R-2", label="Après", comment="")
    shown = listed(world, ticket)["patrimony"]
    assert (shown["name"], shown["ref"]) == ("Après", "R-2")
    world.executive.get(f"tickets/{ticket}", status=404)
    world.root.events(path, "AssociatePatrimonyInAgency", agencyUid=world.agency)
    world.executive.get(f"tickets/{ticket}")


def test_a_provider_contact_is_renamed(world: World, provider: str) -> None:
    ticket = opened(world, at_patrimony(world.patrimony))
    assign(world, ticket, provider)
    assert "Ancien artisan" in json.dumps(listed(world, ticket))
    world.root.events(
        f"providercontacts/{provider}",
        "UpdateProviderContact",
        date=MOMENT,
        name="Nouvel artisan",
        phones=["02"],
        fax=[],
        emails=[],
    )
    assert listed(world, ticket)["provider"]["name"] == "Nouvel artisan"
    assert "Ancien artisan" not in world.root.read(f"tickets/{ticket}").text
    assert world.root.get("tickets", fulltext="nouvel artisan")["result"]


def test_a_callers_tickets_are_those_of_the_user_it_is(world: World) -> None:
    contact = world.root.created(
        "patrimonycontacts",
        "ReferencePatrimonyContact",
        name=NAMED,
        contacts=[{"contactMediumType": "Phone", "phone": "0611"}],
        linkedWithEntities=[
            {"linkType": "LinkToPatrimonyAsCareTaker", "patrimonyUid": world.patrimony}
        ],
    )
    ticket = opened(world, at_patrimony(world.patrimony), contact)
    caller = listed(world, ticket)["caller"]
    assert caller["name"] == "Gardien Premier"
    assert "0611" in json.dumps(caller["medium"])
    world.root.events(
        f"tickets/{ticket}",
        "RestrictAccessToTicket",
        operator={"operatorType": "ReferencedUser", "userUid": world.root.uid},
        accessControlList=[{"accessControlType": "PatrimonyUser", "accessGrantTo": "TicketCaller"}],
    )
    world.resident.get(f"tickets/{ticket}", status=404)
    path = f"patrimonycontacts/{contact}"
    world.root.events(path, "LinkPatrimonyContactWithUser", userUid=world.resident.uid)
    world.resident.get(f"tickets/{ticket}")


def test_a_refused_or_rehearsed_renaming_leaves_the_tickets(world: World) -> None:
    ticket = opened(world, at_patrimony(world.patrimony))
    before = listed(world, ticket)
    path = f"patrimonies/{world.patrimony}"
    described = {"ref": "Z", "comment": "", "processUid": "not one"}
    assert world.root.patch(path, "UpdatePatrimony", **described).status_code == 400
    body = {**described, "commandType": "UpdatePatrimony"}
    body["processUid"] = world.root.uid
    answer = world.root.send("PATCH", path, body, Prefer="handling=dry-run")
    assert answer.status_code == 200
    assert listed(world, ticket) == before


def test_tickets_that_follow_a_renaming_are_locked_by_uid(world: World) -> None:
    """As batches of commands and rebuilding lock them: none has what the others wait for."""
    agency = world.new_agency(world.company, "Avant")
    location = {"locationReferenceType": "AgencyLocation", "agencyUid": agency}
    later, earlier = f"f{str(uuid4())[1:]}", f"0{str(uuid4())[1:]}"
    for uid in (later, earlier):
        opened(world, location, uid=uid)

    async def story() -> None:
        async with (
            connected(world.database) as holding,
            connected(world.database) as renaming,
            connected(world.database) as watch,
        ):
            lock = "SELECT FROM stream WHERE category = 'ticket' AND uid = %s FOR UPDATE"
            async with holding.transaction():
                await holding.execute(lock, [earlier])
                task = asyncio.ensure_future(
                    Stepped(renaming).run(
                        lambda c: propagate_name(c, column="agencies", uid=agency)
                    )
                )
                await until_done_or_waiting(task, renaming, watch)
                assert not task.done()
                free = await watch.execute(f"{lock} SKIP LOCKED", [later])
                assert free.rowcount == 1
            await task

    asyncio.run(story())
