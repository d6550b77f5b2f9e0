"""Who is in charge of a ticket that nobody was put in charge of: who came, or who closed it."""

import pytest
from tests.app import contact, detail, in_patrimony, open_ticket, provider_contact
from tests.incidents.conftest import MOMENT, World


@pytest.mark.parametrize("kind", ["ArriveOnSite", "StartIntervention", "FinishIntervention"])
def test_who_came_is_in_charge_when_nobody_was(world: World, kind: str) -> None:
    user, provider = world.root, provider_contact(world.root, world.company, "Venu seul")
    uid = open_ticket(user, in_patrimony(world.patrimony))
    date = {"ArriveOnSite": "date", "StartIntervention": "startedDate"}.get(kind, "finishedDate")
    user.events(f"tickets/{uid}", kind, assignee=contact(provider), **{date: MOMENT})
    assert detail(user, uid)["provider"]["uid"] == provider


def test_who_came_does_not_replace_who_is_in_charge(world: World) -> None:
    user = world.root
    first, second = (provider_contact(user, world.company, name) for name in ("Premier", "Second"))
    uid = open_ticket(user, in_patrimony(world.patrimony))
    for kind, who in (("IdentifyAssignee", first), ("ArriveOnSite", second)):
        user.events(f"tickets/{uid}", kind, assignee=contact(who), date=MOMENT)
    assert detail(user, uid)["provider"]["uid"] == first


def test_who_closed_is_in_charge_when_nobody_was(world: World) -> None:
    user, provider = world.root, provider_contact(world.root, world.company, "Clôtureur")
    uid = open_ticket(user, in_patrimony(world.patrimony))
    fields = {"provider": {"providerUid": provider, "providerType": "ReferencedProvider"}}
    user.events(f"tickets/{uid}", "CloseTicket", stillOnSite="No", closingDate=MOMENT, **fields)
    assert detail(user, uid)["provider"]["name"] == "Clôtureur"
