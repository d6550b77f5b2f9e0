"""Pages go on behind a row: whoever writes meanwhile, what was there all the time comes once."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from tests.kernel.odata.shop import Shop
from tests.waiting import PATIENCE

LASTING = range(1000, 1300)
PASSING = range(2000, 2300)

INSERT = (
    "INSERT INTO catalogue.product (id, name, rating, price, created_at, code, sku, store)"
    " VALUES (%s, %s, %s, %s, '2026-01-15', %s, gen_random_uuid(), 1)"
)


def product(number: int, chance: random.Random) -> tuple[Any, ...]:
    rating, price = chance.choice([None, 1, 2, 3]), chance.choice([None, 1, 2])
    return number, chance.choice(["é", "E", "f"]), rating, price, f"C{number}"


@pytest.fixture(scope="module")
def lasting(tables: str) -> None:
    """Rows that nobody deletes, with many values alike and many nulls."""
    chance = random.Random(1)
    with psycopg.connect(tables, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(INSERT, [product(each, chance) for each in LASTING])


@contextmanager
def writing(url: str) -> Iterator[None]:
    """While rows between the lasting ones come and go."""
    stop, written = threading.Event(), threading.Event()

    def write() -> None:
        chance = random.Random(2)
        with psycopg.connect(url, autocommit=True) as connection:
            while not stop.is_set():
                number = chance.choice(PASSING)
                connection.execute("DELETE FROM catalogue.product WHERE id = %s", [number])
                connection.execute(INSERT, product(number, chance))
                written.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert written.wait(PATIENCE)
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.usefixtures("lasting")
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"orderby": "Rating"},
        {"orderby": "Rating desc,Price"},
        {"orderby": "Name desc,Price desc"},
        {"orderby": "Rating add Price"},
        {"orderby": "Price desc", "filter": "Rating ne 2 or Id lt 2000", "expand": "Category"},
        {"orderby": "Category/Name desc,Rating", "top": 10_000, "count": "true"},
    ],
    ids=lambda options: options.get("orderby", "by key"),
)
def test_what_is_there_all_the_time_comes_exactly_once(
    shop: Shop, tables: str, options: dict[str, Any]
) -> None:
    with writing(tables):
        pages = list(shop.pages("Products", 17, select="Id", **options))
    found = [row["Id"] for page in pages for row in page]
    assert len(pages) > 15
    assert [len(page) for page in pages[:-1]] == [17] * (len(pages) - 1)
    assert sorted(each for each in found if each < 2000 and each >= 1000) == list(LASTING)


@pytest.mark.usefixtures("lasting")
def test_a_row_put_before_the_next_page_does_not_move_it(shop: Shop, tables: str) -> None:
    first = shop.json(
        "Products", {"Prefer": "odata.maxpagesize=3"}, select="Id", filter="Id gt 999"
    )
    with psycopg.connect(tables, autocommit=True) as connection:
        connection.execute("DELETE FROM catalogue.product WHERE id = 1002")
        following = shop.follow(first["@odata.nextLink"], {"Prefer": "odata.maxpagesize=2"})
        connection.execute(INSERT, product(1002, random.Random(1)))
    assert [row["Id"] for row in first["value"]] == [1000, 1001, 1002]
    assert [row["Id"] for row in following["value"]] == [1003, 1004]


@pytest.mark.usefixtures("lasting")
def test_top_is_kept_over_the_pages(shop: Shop) -> None:
    pages = list(shop.pages("Products", 4, select="Id", top=10, skip=2, filter="Id ge 1000"))
    assert [[row["Id"] for row in page] for page in pages] == [
        [1002, 1003, 1004, 1005],
        [1006, 1007, 1008, 1009],
        [1010, 1011],
    ]


@pytest.mark.usefixtures("lasting")
def test_a_token_belongs_to_its_question(shop: Shop) -> None:
    prefer = {"Prefer": "odata.maxpagesize=2"}
    link = shop.json("Products", prefer, orderby="Rating", filter="Id ge 1000")["@odata.nextLink"]
    token = link.partition("$skiptoken=")[2]
    assert shop.ids("Id ge 1000", orderby="Rating", skiptoken=token, top=3)
    for other in ({"filter": "Id ge 1000"}, {"orderby": "Rating"}, {"orderby": "Rating desc"}):
        assert shop.refused("Products", skiptoken=token, **other)["code"] == "BadSkipToken"
    assert shop.refused("Products(1)", skiptoken=token)["target"] == "$skiptoken"


def test_a_next_link_keeps_the_page_that_was_preferred(shop: Shop) -> None:
    """Clients that follow a link do not repeat the preference."""
    link = shop.json("Products?$top=5", {"Prefer": "odata.maxpagesize=2"})["@odata.nextLink"]
    second = shop.follow(link)
    assert len(second["value"]) == 2
    last = shop.follow(second["@odata.nextLink"])
    assert (len(last["value"]), "@odata.nextLink" in last) == (1, False)
    assert len(shop.follow(link, {"Prefer": "odata.maxpagesize=3"})["value"]) == 3
