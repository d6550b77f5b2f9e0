"""Every page of the console is accessible, fits the window, and makes no browser complain."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import EVERY_VIEW, Installation, today
from tests.browser.visitor import View, Visitor
from tests.browser.world import KINDS, NADIA, OPERATOR, PASSWORD

Visit = Callable[..., Visitor]

PASTED = "From: eve@evil.example\nSubject: <b>bonjour</b>\n\n" + "x" * 300


@pytest.fixture(scope="module")
def places(installation: Installation) -> dict[str, tuple[str, int]]:
    """Pages of the console by name, and the status that each comes with."""
    agreed = installation.propose(body="Fin le 31/12/2099.\nTél : 01 99 00 12 34\n")
    offer = installation.propose("Offre", NADIA, "Benali Nadia", "Trois mois offerts.")
    wrong = installation.propose(
        client=NADIA,
        body="Fin le 30/11/2099 ou le 31/12/2099 <script>alert(1)</script>\n"
        f"Email : {'long' * 40}@evil.example\nAdresse : 12 rue des Bleuets\n75011 Paris\n",
    )
    nobody = installation.propose(client="x" * 100, name="Personne")
    proposals, deliveries = "/console/proposals", "/console/deliveries"
    return {
        "account": ("/console/account", 200),
        "proposals": (proposals, 200),
        "agreed": (f"{proposals}/{agreed}", 200),
        "offer": (f"{proposals}/{offer}", 200),
        "wrong": (f"{proposals}/{wrong}", 200),
        "nobody": (f"{proposals}/{nobody}", 200),
        "confirm": (f"{proposals}/{agreed}/confirm?date=", 200),
        "confirm-reject": (f"{proposals}/{wrong}/reject", 200),
        "confirm-wrong": (f"{proposals}/{wrong}/confirm?date={today()}", 200),
        "confirm-early": (f"{proposals}/{agreed}/confirm?date=2020-01-31", 400),
        "confirm-unclear": (f"{proposals}/{wrong}/confirm", 409),
        "confirm-bad": (f"{proposals}/{agreed}/confirm?date=demain", 400),
        "deliveries": (deliveries, 200),
        "failing": (f"{deliveries}/{installation.world.endpoint}?replayed=3", 200),
        "quiet": (f"{deliveries}/{installation.world.quiet}", 200),
        "off": (f"{deliveries}/{installation.world.quiet}/off", 200),
        "nothing": ("/console/nothing/here", 404),
        "no-proposal": (f"{proposals}/999999", 404),
        "no-endpoint": (f"{deliveries}/x", 404),
    }


def see(visitor: Visitor, name: str) -> None:
    """Keep a picture for people to look at, in the directory that they name."""
    if directory := os.environ.get("GERANCE_TEST_PICTURES"):
        scheme = "dark" if visitor.is_dark else "light"
        picture = Path(directory) / f"{name}-{visitor.view}-{scheme}.png"
        visitor.page.screenshot(path=picture, full_page=True)


@pytest.mark.parametrize("view", EVERY_VIEW, ids=str)
def test_every_page_of_an_operator(
    visit: Visit, view: View, places: dict[str, tuple[str, int]]
) -> None:
    visitor = visit(view, scheme="dark" if view.locale == "en-GB" else "light")
    visitor.page.goto("/console")
    visitor.sees("log in")
    see(visitor, "login")
    visitor.check()
    visitor.log_in(OPERATOR, PASSWORD)
    visitor.sees("proposals")
    for name, (path, status) in places.items():
        if status >= 400:
            visitor.expects(status)
        answer = visitor.page.goto(path)
        assert answer is not None
        assert answer.status == status
        visitor.open_details()
        see(visitor, name)
        visitor.check()
    visitor.expects(403)
    visitor.page.goto("/console/proposals")
    visitor.field("paste label").fill(PASTED)
    visitor.button("read").click()
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    expect(visitor.field("paste label")).to_have_value(PASTED)
    see(visitor, "pasted")
    visitor.check()


@pytest.mark.parametrize("view", EVERY_VIEW[1:3], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_every_other_kind_of_user_reads_what_to_use_instead(
    visit: Visit, view: View, kind: str
) -> None:
    visitor = visit(view)
    visitor.log_in(KINDS[kind], PASSWORD)
    visitor.sees("not here")
    expect(visitor.page.get_by_role("main")).to_contain_text(visitor.words(kind))
    expect(visitor.link("api pages")).to_have_attribute("href", "/swagger/index.html")
    see(visitor, kind)
    visitor.check()
    visitor.expects(403)
    visitor.page.goto("/console/deliveries")
    visitor.sees("not here")
    visitor.button("log out").click()
    visitor.sees("log in")
