"""Skip tokens are good for the principal, the rights and the question that they were issued for."""

import base64
import json
import time

import pytest
import time_machine
from tests.kernel.odata.shop import ROOT, Shop, open_shop

PAGE = {"Prefer": "odata.maxpagesize=1"}
ALICE, BOB = {**PAGE, "X-Owner": "alice"}, {**PAGE, "X-Owner": "bob"}
DAY = 86_400


def link(shop: Shop, headers: dict[str, str] = ALICE, path: str = "Products") -> str:
    """The path and query of a second page."""
    return str(shop.json(path, headers, filter="Id gt 1")["@odata.nextLink"]).removeprefix(ROOT)


def token(address: str) -> str:
    return address.partition("$skiptoken=")[2]


def code(shop: Shop, address: str, headers: dict[str, str] = ALICE) -> str:
    return str(shop.refused(address, 400, headers)["code"])


def test_a_token_is_followed_as_it_is_by_its_principal_in_any_process(
    shop: Shop, tables: str
) -> None:
    address = link(shop)
    assert [each["Id"] for each in shop.json(address, ALICE)["value"]] == [3]
    with open_shop(tables) as other:
        assert [each["Id"] for each in other.json(address, ALICE)["value"]] == [3]


def test_a_token_of_another_principal_or_of_other_rights_is_refused(shop: Shop) -> None:
    address = link(shop)
    assert code(shop, address, BOB) == "BadSkipToken"
    assert code(shop, address, PAGE) == "BadSkipToken"
    assert code(shop.seen_by("first store"), address) == "BadSkipToken"


def test_a_cached_page_leads_each_principal_to_its_own_next_page(shop: Shop) -> None:
    first = [link(shop, headers) for headers in (ALICE, BOB, ALICE, BOB)]
    assert first[0] == first[2] != first[1] == first[3]
    for address, headers in zip(first, (ALICE, BOB), strict=False):
        assert [each["Id"] for each in shop.json(address, headers)["value"]] == [3]


@pytest.mark.parametrize(
    "change",
    [
        lambda query: query.replace("Id%20gt%201", "Id%20gt%200"),
        lambda query: query.replace("Products", "Categories"),
        lambda query: f"{query}&$orderby=Name",
        lambda query: f"{query}&@p=1",
    ],
)
def test_a_token_of_another_question_is_refused(shop: Shop, change: object) -> None:
    assert callable(change)
    assert code(shop, change(link(shop))) == "BadSkipToken"


def test_an_altered_or_forged_token_is_refused(shop: Shop) -> None:
    address = link(shop)
    good = token(address)
    assert shop.json(address, ALICE)
    raw = base64.urlsafe_b64decode(good + "==")
    forged = [raw[:nth] + bytes([raw[nth] ^ 1]) + raw[nth + 1 :] for nth in range(len(raw))]
    payload = json.dumps([int(time.time() // DAY), ["5"]]).encode()
    forged += [payload, raw[:16] + payload, bytes(16) + payload, raw[:16], raw[:15], b""]
    for each in forged:
        text = base64.urlsafe_b64encode(each).decode().rstrip("=")
        assert code(shop, address.replace(good, text)) == "BadSkipToken"
    for text in ("", "é", "%00", "x" * 3000, good[:-1], f"{good}!"):
        assert code(shop, address.replace(good, text)) == "BadSkipToken"


def test_an_expired_token_is_refused_and_no_cached_answer_has_one(shop: Shop) -> None:
    """Whoever revalidates a cached page gets a new one before its link expires."""
    now = time.time()
    with time_machine.travel(now, tick=False):
        first = shop.ask("Products", ALICE, filter="Id gt 1")
        address = str(first.json()["@odata.nextLink"]).removeprefix(ROOT)
        again = shop.ask("Products", {**ALICE, "If-None-Match": first.headers["ETag"]},
                         filter="Id gt 1")  # fmt: skip
        assert again.status_code == 304
    with time_machine.travel(now + 7 * DAY, tick=False):
        assert shop.json(address, ALICE)
    with time_machine.travel(now + 8 * DAY, tick=False):
        assert code(shop, address) == "BadSkipToken"
        later = shop.ask("Products", {**ALICE, "If-None-Match": first.headers["ETag"]},
                         filter="Id gt 1")  # fmt: skip
        assert later.status_code == 200
        assert shop.json(str(later.json()["@odata.nextLink"]).removeprefix(ROOT), ALICE)
