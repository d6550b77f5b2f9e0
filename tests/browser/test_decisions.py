"""Operators decide on proposals; nothing happens to another client, by accident, or twice."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from playwright.sync_api import expect
from tests.browser.conftest import DESK_ENGLISH, DESK_FRENCH, PHONE_FRENCH, Installation
from tests.browser.visitor import View, Visitor
from tests.browser.world import COLLEAGUE, OPERATOR, PASSWORD
from tests.partners.mail.letters import letter

Visit = Callable[..., Visitor]
VIEWS = pytest.mark.parametrize("view", [PHONE_FRENCH, DESK_ENGLISH], ids=str)


@pytest.fixture
def client(installation: Installation) -> str:
    """The number of a customer whom nothing has happened to, called Rosa Lindqvist."""
    return installation.customer(uuid4().hex[:20])


def opened(visit: Visit, view: View, number: int, login: str = OPERATOR, **more: Any) -> Visitor:
    """The proposal's page, by way of logging in."""
    visitor = visit(view, **more)
    visitor.log_in(login, PASSWORD, f"/console/proposals/{number}")
    expect(visitor.page).to_have_url(f"/console/proposals/{number}")
    return visitor


def events(installation: Installation, number: int) -> list[dict[str, Any]]:
    """What the approval of a proposal did."""
    with psycopg.connect(installation.database) as connection:
        rows = connection.execute(
            "SELECT data FROM event WHERE (data -> 'approval' ->> 'proposal')::bigint = %s",
            [number],
        )
        return [data for (data,) in rows.fetchall()]


@VIEWS
def test_a_contract_ends_once_its_client_and_date_are_confirmed(
    visit: Visit, view: View, installation: Installation, client: str
) -> None:
    number = installation.propose(client=client, name="Mme LINDQVIST Rosa")
    visitor = opened(visit, view, number)
    visitor.field("last day").fill("2099-11-30")
    visitor.button("go on").click()
    visitor.sees("confirm end", "Rosa Lindqvist")
    visitor.link("cancel").click()
    expect(visitor.field("last day")).to_have_value("2099-11-30")
    visitor.button("go on").click()
    visitor.sees("confirm end", "Rosa Lindqvist")
    day = "30 novembre 2099" if view.language == "fr" else "30 November 2099"
    for text in (client, day, "Foussier", "retraite"):
        expect(visitor.page.get_by_role("main")).to_contain_text(text)
    visitor.check()
    assert events(installation, number) == []
    visitor.button("end it").click()
    expect(visitor.page.get_by_role("status")).to_have_text(visitor.words("approved", number))
    visitor.check()
    (event,) = events(installation, number)
    assert (event["eventType"], event["endOfContractDate"]) == ("TerminationPlanned", "2099-11-30")
    visitor.page.goto(f"/console/proposals/{number}")
    expect(visitor.page.get_by_role("main")).to_contain_text(OPERATOR)
    expect(visitor.button("go on")).to_have_count(0)


@VIEWS
def test_a_message_about_somebody_else_ends_no_contract_without_a_check(
    visit: Visit, view: View, installation: Installation, client: str
) -> None:
    number = installation.propose(client=client, name="Thierry Lhermitte")
    visitor = opened(visit, view, number)
    problems = visitor.page.get_by_role("region", name=visitor.words("problems"))
    expect(problems).to_contain_text("Thierry Lhermitte")
    expect(problems).to_contain_text("Rosa Lindqvist")
    decision = visitor.page.get_by_role("region", name=visitor.words("decision"))
    assert problems.evaluate(
        "(box, button) => !!(box.compareDocumentPosition(button) & 4)", decision.element_handle()
    )
    row = visitor.page.get_by_role("row", name=visitor.words("name"))
    expect(row.get_by_role("cell").last).to_have_text(visitor.words("different"))
    visitor.button("go on").click()
    visitor.button("end it").click()  # the browser asks for the check
    visitor.sees("confirm end", "Rosa Lindqvist")
    assert events(installation, number) == []
    visitor.field("same client", "Rosa Lindqvist", client).check()
    visitor.button("end it").click()
    expect(visitor.page.get_by_role("status")).to_have_text(visitor.words("approved", number))
    assert len(events(installation, number)) == 1


@VIEWS
def test_an_offer_is_approved_for_other_months_and_another_one_rejected(
    visit: Visit, view: View, installation: Installation, client: str
) -> None:
    offer = installation.propose("Offre", client, "Rosa Lindqvist", "Trois mois offerts.")
    other = installation.propose("Offre", client, "Rosa Lindqvist", "Six mois offerts.")
    visitor = opened(visit, view, offer)
    expect(visitor.field("months")).to_have_value("3")
    visitor.field("months").fill("2")
    visitor.button("approve").click()
    expect(visitor.page.get_by_role("status")).to_have_text(visitor.words("approved", offer))
    (event,) = events(installation, offer)
    assert event["firstMonth"][5:7] != event["lastMonth"][5:7]
    visitor.page.goto(f"/console/proposals/{other}")
    visitor.button("reject").click()
    visitor.sees("confirm reject", other)
    visitor.check()
    visitor.link("cancel").click()
    visitor.button("reject").click()
    visitor.button("reject it").click()
    expect(visitor.page.get_by_role("status")).to_have_text(visitor.words("rejected", other))
    assert events(installation, other) == []


def test_a_message_is_pasted_and_leads_to_its_proposal(
    visit: Visit, installation: Installation, client: str
) -> None:
    visitor = visit(PHONE_FRENCH)
    visitor.log_in(OPERATOR, PASSWORD)
    subject = f"[Offre][Foussier] Client Rosa Lindqvist - {client}"
    visitor.field("paste label").fill(letter(subject, "Deux mois.").decode())
    visitor.button("read").click()
    visitor.sees("offer to", "Rosa Lindqvist")
    visitor.check()


def test_what_somebody_else_decided_meanwhile_is_shown(
    visit: Visit, installation: Installation, client: str
) -> None:
    number = installation.propose("Offre", client, "Rosa Lindqvist", "Trois mois offerts.")
    visitor = opened(visit, DESK_FRENCH, number)
    colleague = opened(visit, DESK_ENGLISH, number, COLLEAGUE)
    colleague.button("reject").click()
    colleague.button("reject it").click()
    expect(colleague.page.get_by_role("status")).to_have_text(colleague.words("rejected", number))
    visitor.expects(409)
    visitor.button("approve").click()
    expect(visitor.page.get_by_role("alert")).to_have_text(visitor.words("decided meanwhile"))
    expect(visitor.page.get_by_role("main")).to_contain_text(COLLEAGUE)
    expect(visitor.button("approve")).to_have_count(0)
    visitor.check()
    assert events(installation, number) == []


def test_a_client_that_changed_meanwhile_is_shown_again(
    visit: Visit, installation: Installation, client: str
) -> None:
    number = installation.propose("Offre", client, "Rosa Lindqvist", "Trois mois offerts.")
    visitor = opened(visit, DESK_FRENCH, number)
    installation.offer(client, months=1)
    visitor.expects(409)
    visitor.button("approve").click()
    expect(visitor.page.get_by_role("alert")).to_contain_text("a changé depuis l'affichage")
    visitor.check()
    assert events(installation, number) == []
    visitor.button("approve").click()
    expect(visitor.page.get_by_role("status")).to_have_text(visitor.words("approved", number))


def test_a_decision_that_is_sent_twice_is_made_once(
    visit: Visit, installation: Installation, client: str
) -> None:
    number = installation.propose("Offre", client, "Rosa Lindqvist", "Trois mois offerts.")
    visitor = opened(visit, DESK_FRENCH, number)
    visitor.button("approve").dblclick()
    expect(visitor.page.get_by_role("status")).to_have_text(visitor.words("approved", number))
    assert len(events(installation, number)) == 1
    visitor.page.go_back()
    expect(visitor.button("approve")).to_have_count(0)


def test_a_contract_is_ended_with_the_keyboard_alone_and_without_scripts(
    visit: Visit, installation: Installation, client: str
) -> None:
    number = installation.propose(client=client, name="Rosa Lindqvist")
    visitor = visit(DESK_FRENCH, scripts=False)
    page = visitor.page
    page.goto(f"/console/proposals/{number}")
    page.keyboard.type(OPERATOR)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    visitor.sees("terminate of", "Rosa Lindqvist")
    page.keyboard.press("Tab")
    expect(visitor.link("skip")).to_be_focused()
    expect(visitor.link("skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    visitor.tab_to(visitor.button("go on"))
    page.keyboard.press("Enter")
    visitor.sees("confirm end", "Rosa Lindqvist")
    visitor.tab_to(visitor.button("end it"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text(visitor.words("approved", number))
    assert len(events(installation, number)) == 1
