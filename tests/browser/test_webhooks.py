"""Operators pause endpoints, and have them told again what failed."""

from collections.abc import Callable

import psycopg
import pytest
from playwright.sync_api import expect
from tests.browser.conftest import DESK_ENGLISH, PHONE_FRENCH, Installation
from tests.browser.visitor import View, Visitor
from tests.browser.world import OPERATOR, PASSWORD

Visit = Callable[..., Visitor]


@pytest.mark.parametrize("view", [PHONE_FRENCH, DESK_ENGLISH], ids=str)
def test_an_endpoint_is_paused_resumed_and_told_again(
    visit: Visit, view: View, installation: Installation
) -> None:
    visitor = visit(view)
    visitor.log_in(OPERATOR, PASSWORD)
    visitor.link("deliveries").click()
    visitor.sees("deliveries")
    visitor.page.get_by_role("link", name="hookhooks").click()
    visitor.button("pause").click()
    expect(visitor.page.get_by_role("status")).to_have_text(
        visitor.words("state changed", visitor.words("paused"))
    )
    visitor.check()
    visitor.button("switch off").click()
    visitor.sees("confirm off")
    visitor.check()
    visitor.link("cancel off").click()
    visitor.button("switch off").click()
    visitor.button("switch off").click()
    expect(visitor.page.get_by_role("status")).to_have_text(
        visitor.words("state changed", visitor.words("off"))
    )
    visitor.button("resume").click()
    expect(visitor.button("pause")).to_be_visible()
    visitor.button("replay failed").click()
    expect(visitor.page.get_by_role("status")).to_contain_text("1")
    visitor.page.get_by_role("row", name="Happened").first.get_by_role("button").click()
    expect(visitor.page.get_by_role("status")).to_contain_text("1")
    visitor.field("replay since").fill("2020-01-01T08:00")
    visitor.button("replay", visitor.page.get_by_role("region")).click()
    expect(visitor.page.get_by_role("status")).to_contain_text("3")
    visitor.check()
    with psycopg.connect(installation.database) as connection:
        rows = connection.execute(
            "SELECT state, failures FROM outbox o JOIN endpoint e ON e.uid = o.endpoint"
        )
        assert rows.fetchall() == [("active", 0)] * 3
        # As it was, for the next window.
        connection.execute("DELETE FROM outbox WHERE position < (SELECT max(position) FROM outbox)")
        connection.execute("UPDATE outbox SET failures = 1, due = now() + interval '1 hour'")
