"""People log in to the console with a real browser, and out of it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import DESK_ENGLISH, PHONE_FRENCH, Installation
from tests.browser.visitor import View, Visitor
from tests.browser.world import OPERATOR, PASSWORD

Visit = Callable[..., Visitor]
VIEWS = pytest.mark.parametrize("view", [PHONE_FRENCH, DESK_ENGLISH], ids=str)


@VIEWS
def test_an_operator_logs_in_and_out(visit: Visit, view: View) -> None:
    visitor = visit(view)
    visitor.log_in(OPERATOR, PASSWORD)
    visitor.sees("proposals")
    visitor.check()
    visitor.button("log out").click()
    visitor.sees("log in")
    visitor.check()


@VIEWS
def test_a_wrong_password_keeps_the_login(visit: Visit, view: View) -> None:
    visitor = visit(view)
    visitor.expects(400)
    visitor.log_in(OPERATOR, "une autre phrase")
    expect(visitor.page.get_by_role("alert")).to_have_text(visitor.words("wrong"))
    expect(visitor.field("login")).to_have_value(OPERATOR)
    expect(visitor.field("password")).to_have_value("")
    visitor.check()
    visitor.field("password").fill(PASSWORD)
    visitor.button("log in").click()
    visitor.sees("proposals")


@VIEWS
def test_a_session_that_ended_leads_back_to_the_page(
    visit: Visit, view: View, installation: Installation
) -> None:
    visitor = visit(view)
    visitor.log_in(OPERATOR, PASSWORD)
    visitor.link("deliveries").click()
    visitor.sees("deliveries")
    visitor.context.clear_cookies()
    visitor.context.add_cookies(
        [{"name": "PI_SESSION", "value": "expired", "url": installation.url}]
    )
    visitor.page.reload()
    visitor.sees("log in")
    expect(visitor.page.get_by_role("status")).to_have_text(visitor.words("ended"))
    visitor.check()
    visitor.field("login").fill(OPERATOR)
    visitor.field("password").fill(PASSWORD)
    visitor.button("log in").click()
    visitor.sees("deliveries")


def test_a_form_of_a_session_that_ended_does_nothing_and_says_so(
    visit: Visit, installation: Installation
) -> None:
    number = installation.propose("Offre", body="Trois mois offerts.")
    visitor = visit(DESK_ENGLISH)
    visitor.log_in(OPERATOR, PASSWORD, f"/console/proposals/{number}")
    expect(visitor.button("approve")).to_be_visible()
    visitor.context.clear_cookies()
    visitor.context.add_cookies(
        [{"name": "PI_SESSION", "value": "expired", "url": installation.url}]
    )
    visitor.button("approve").click()
    expect(visitor.page.get_by_role("status")).to_have_text(visitor.words("nothing done"))
    visitor.field("login").fill(OPERATOR)
    visitor.field("password").fill(PASSWORD)
    visitor.button("log in").click()
    expect(visitor.page).to_have_url(f"/console/proposals/{number}")
    expect(visitor.button("approve")).to_be_visible()


@VIEWS
def test_going_back_after_the_log_out_shows_nothing(visit: Visit, view: View) -> None:
    visitor = visit(view)
    visitor.log_in(OPERATOR, PASSWORD)
    visitor.link("deliveries").click()
    visitor.sees("deliveries")
    visitor.button("log out").click()
    visitor.sees("log in")
    visitor.page.go_back()
    visitor.sees("log in")
    expect(visitor.page.get_by_role("main")).not_to_contain_text(visitor.words("owner"))


def test_a_link_cannot_lead_from_the_log_in_to_another_site(visit: Visit) -> None:
    visitor = visit(DESK_ENGLISH)
    visitor.log_in(OPERATOR, PASSWORD, "/console/login?next=https://evil.example/console/x")
    visitor.sees("proposals")


@VIEWS
def test_a_user_changes_the_password_and_ends_all_sessions(
    visit: Visit, view: View, installation: Installation
) -> None:
    login, new = installation.user(), "quatre lampes sous la mousson"
    visitor, other = visit(view), visit(view)
    for each in (visitor, other):
        each.log_in(login, PASSWORD)
        each.sees("not here")
    visitor.page.get_by_role("link", name=login).click()
    visitor.sees("account")

    def change(current: str, password: str, again: str) -> None:
        visitor.field("current password").fill(current)
        visitor.field("new password").fill(password)
        visitor.field("new password again").fill(again)
        visitor.button("change password").click()

    for fields, why in (
        ((PASSWORD, new, f"{new} !"), "passwords differ"),
        (("une autre phrase", new, new), "current wrong"),
        ((PASSWORD, "motdepasse", "motdepasse"), "password weak"),
    ):
        visitor.expects(400)
        change(*fields)
        expect(visitor.page.get_by_role("alert")).to_have_text(visitor.words(why, 10))
        expect(visitor.page.get_by_role("alert")).to_be_focused()
        visitor.check()
    change(PASSWORD, new, new)
    expect(visitor.page.get_by_role("status")).to_have_text(visitor.words("password changed"))
    other.page.reload()
    other.sees("log in")
    other.log_in(login, new)
    other.sees("not here")
    visitor.button("end sessions").click()
    visitor.sees("log in")
    other.page.reload()
    other.sees("log in")
