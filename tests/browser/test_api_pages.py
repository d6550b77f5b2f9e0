"""The pages of the APIs work in a browser, within the content that they allow themselves."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import DESK_ENGLISH, PHONE_FRENCH
from tests.browser.visitor import View, Visitor


@pytest.mark.parametrize("view", [PHONE_FRENCH, DESK_ENGLISH], ids=str)
def test_the_api_pages_show_every_part_and_send_requests(
    visit: Callable[..., Visitor], view: View
) -> None:
    visitor = visit(view)
    page = visitor.page
    page.goto("/")
    page.get_by_role("link", name="Sessions", exact=True).click()
    page.get_by_role("button", name=re.compile(r"v1\W*login")).first.click()
    visitor.expects(400)
    page.get_by_role("button", name="Execute").click()
    answer = page.locator(".live-responses-table")
    expect(answer.get_by_text("AuthenticationFailed").first).to_be_visible()
    assert visitor.faults == []
