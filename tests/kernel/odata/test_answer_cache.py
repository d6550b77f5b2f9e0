"""Unchanged answers are kept as bytes; ETags follow from the versions of the sets."""

from collections.abc import Iterator

import psycopg
import pytest
from tests.kernel.odata.catalogue import CATALOGUE
from tests.kernel.odata.shop import Shop, open_shop

from gerance.kernel.odata.access import EVERYTHING
from gerance.kernel.odata.compiler import CompiledQuery, Compiler, QueryKey
from gerance.kernel.odata.respond.cache import AnswerCache, BodyCollector, CachedAnswer
from gerance.kernel.odata.sql.style import Style
from gerance.kernel.odata.versions import COUNT_CHANGES

Database = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def database_connection(tables: str) -> Iterator[Database]:
    with psycopg.connect(tables, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def forgetful(tables: str) -> Iterator[Shop]:
    """A shop that keeps no answers."""
    with open_shop(tables, cache_bytes=0) as opened:
        yield opened


def changed(connection: Database, *sets: str, sql: str = "SELECT 1") -> None:
    """A change of these sets, as every writer makes it: rows and versions in one transaction."""
    with connection.transaction():
        connection.execute(sql.encode())
        connection.execute(
            COUNT_CHANGES.format(names="unnest(%s::text[]) AS n (name)").encode(), [list(sets)]
        )


def rated(connection: Database, rating: int, *sets: str) -> None:
    sql = f"UPDATE catalogue.product SET rating = {rating}, version = version + 1 WHERE id = 1"
    changed(connection, *sets, sql=sql)


QUESTIONS = [
    "Products?$filter=Id eq 1&$select=Rating",
    "Products?$orderby=Rating desc&$top=3&$count=true",
    "Products(1)/Rating",
    "Products(1)/Rating/$value",
    "Products/$count?$filter=Rating eq 5",
    "Categories?$expand=Products($select=Rating)",
    "Categories(2)?$expand=Products",
    "Categories?$filter=Products/any(p:p/Rating eq 5)",
    "Categories?$orderby=Products/$count($filter=Rating eq 5)",
    "Categories(2)/Products",
    "People?$filter=Supplies/$count($filter=Rating eq 5) eq 1",
    "Trips?$filter=Person/Supplies/any(p:p/Rating eq 5)",
    "Products/Released(since=2025-01-01)",
    "Products/Released(since=2025-01-01)/$count?$filter=Rating eq 5",
]


@pytest.mark.parametrize("path", QUESTIONS)
def test_the_same_question_has_the_same_bytes_until_something_changes(
    shop: Shop, database_connection: Database, path: str
) -> None:
    rated(database_connection, 5, "Products")
    first = shop.ask(path)
    rated(database_connection, 4)  # Nobody is told: what is kept is answered.
    second = shop.ask(path)
    assert second.content == first.content
    assert second.headers["etag"] == first.headers["etag"]
    assert second.headers["content-type"] == first.headers["content-type"]
    rated(database_connection, 3, "Products")
    third = shop.ask(path)
    assert third.content != first.content
    assert third.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize("path", ["Categories", "People('zoe')", "Trips?$expand=Person"])
def test_a_change_elsewhere_changes_nothing(
    shop: Shop, database_connection: Database, path: str
) -> None:
    first = shop.ask(path)
    rated(database_connection, 5, "Products")
    assert shop.ask(path, {"If-None-Match": first.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("path", [*QUESTIONS, "Products(1)", "Products(1)?$select=Rating"])
def test_who_has_the_answer_is_told_so(
    shop: Shop, forgetful: Shop, database_connection: Database, path: str
) -> None:
    for asked in (shop, forgetful):
        rated(database_connection, 5, "Products")
        tag = asked.ask(path).headers["etag"]
        for given in (tag, tag.removeprefix("W/"), f'"x", {tag} ,W/"y"', "*"):
            answer = asked.ask(path, {"If-None-Match": given})
            assert (answer.status_code, answer.content) == (304, b""), given
            assert answer.headers["etag"] == tag
            assert answer.headers["OData-Version"]
            assert asked.ask(path, {"If-None-Match": given}, method="HEAD").status_code == 304
        assert asked.ask(path, {"If-None-Match": 'W/"other"'}).status_code == 200
        rated(database_connection, 4, "Products")
        assert asked.ask(path, {"If-None-Match": tag}).status_code == 200


def test_a_star_does_not_stand_for_what_is_not_there(shop: Shop) -> None:
    for path in ("Products(99)", "Products(99)/Name", "Categories(99)/Products"):
        assert shop.ask(path, {"If-None-Match": "*"}).status_code == 404


def test_the_tag_of_an_entity_is_its_version(shop: Shop) -> None:
    version = shop.json("Products(2)", {"Accept": "application/json;odata.metadata=full"})
    assert shop.ask("Products(2)").headers["etag"] == version["@odata.etag"] == 'W/"4"'
    assert shop.ask("Products(Code='TEA2')").headers["etag"] == 'W/"4"'
    assert shop.ask("Products(2)?$expand=Category").headers["etag"] != 'W/"4"'


def test_every_form_of_an_answer_has_a_tag_of_its_own(shop: Shop) -> None:
    forms = [
        {},
        {"Accept": "application/json;odata.metadata=none"},
        {"Accept": "application/json;odata.metadata=full"},
        {"Accept": "application/json;IEEE754Compatible=true"},
        {"Prefer": "odata.maxpagesize=2"},
        {"Host": "other.example"},
    ]
    for _ in range(2):
        answers = [shop.ask("Products", headers) for headers in forms]
        assert len({answer.headers["etag"] for answer in answers}) == len(forms)
        assert len({answer.content for answer in answers}) == len(forms)
    assert "other.example" in answers[-1].text
    strange = shop.ask("Products", {"Host": "evil/<script>"})
    assert "evil" not in strange.text


def test_what_changes_by_itself_is_never_kept(shop: Shop, database_connection: Database) -> None:
    path = "Products?$filter=CreatedAt lt now() and Id eq 1&$select=Rating"
    rated(database_connection, 5, "Products")
    answer = shop.ask(path)
    assert "etag" not in answer.headers
    rated(database_connection, 4)
    assert shop.rows(path) == [{"Rating": 4}]


def test_who_wants_nothing_kept_gets_it_fresh(shop: Shop, database_connection: Database) -> None:
    path = "Products?$filter=Id eq 1&$select=Rating"
    rated(database_connection, 5, "Products")
    shop.ask(path)
    rated(database_connection, 4)
    (row,) = shop.ask(path, {"Cache-Control": "no-cache"}).json()["value"]
    assert row["Rating"] == 4


def test_an_error_is_never_kept(shop: Shop, database_connection: Database) -> None:
    path = "Products?$filter=2147483643 add Rating gt 1 and Id eq 1&$select=Id"
    rated(database_connection, 5, "Products")
    assert shop.ask(path).status_code == 400
    rated(database_connection, 4, "Products")
    assert shop.ask(path).status_code == 200


def test_many_small_answers_make_room_too(tables: str, database_connection: Database) -> None:
    question = "Products/$count?$filter=Rating eq 5 and Id eq 1"
    rated(database_connection, 5, "Products")
    with open_shop(tables, cache_bytes=20_000) as small:
        assert small.ask(question).text == "1"
        for nth in range(20):
            small.ask(f"Products/$count?$filter=Id gt {nth}")
        rated(database_connection, 4)  # Nobody is told: what is kept would be answered.
        assert small.ask(question).text == "0"


def test_long_questions_are_not_kept() -> None:
    compiler = Compiler(CATALOGUE)

    def compiled(query: str) -> CompiledQuery:
        return compiler.compile(QueryKey("*", "Products", query, Style(), page=10), EVERYTHING)

    assert compiled("$filter=Id eq 1") is compiled("$filter=Id eq 1")
    long = f"$filter=Id in ({','.join(map(str, range(1000)))})"
    assert compiled(long) is not compiled(long)


def answer(size: int, tag: str = "t") -> CachedAnswer:
    return CachedAnswer(tag, {}, (b"x" * size,), size)


def test_answers_not_asked_for_the_longest_make_room() -> None:
    kept = AnswerCache(100)
    for name in "abcd":
        kept.put(name, answer(25))
    assert kept.get("a", "t")
    kept.put("e", answer(25))
    assert kept.get("b", "t") is None
    assert all(kept.get(name, "t") for name in "acde")


def test_an_answer_is_kept_under_its_tag_alone() -> None:
    kept = AnswerCache(100)
    kept.put("a", answer(20, "old"))
    assert kept.get("a", "new") is None
    kept.put("a", answer(25, "new"))
    assert kept.get("a", "old") is None
    assert kept.get("a", "new")
    for name in "bcd":
        kept.put(name, answer(25))
    assert kept.get("a", "new")


@pytest.mark.parametrize("capacity", [0, 100])
def test_an_answer_that_takes_more_than_its_share_is_not_kept(capacity: int) -> None:
    kept = AnswerCache(capacity)
    kept.put("a", answer(26))
    assert kept.get("a", "t") is None


def test_few_answers_are_collected_at_a_time_and_none_beyond_its_share() -> None:
    kept = AnswerCache(100)
    collectors = [kept.collect() for _ in range(4)]
    assert kept.collect() is None
    first = collectors[0]
    assert isinstance(first, BodyCollector)
    first.add(b"x" * 20)
    assert first.parts == [b"x" * 20]
    first.add(b"x" * 20)
    assert first.parts is None
    first.close()
    assert kept.collect() is not None
    assert AnswerCache(0).collect() is None


def test_a_tag_tells_nobody_how_often_a_set_has_changed(
    tables: str, database_connection: Database
) -> None:
    """The same question and versions have another tag where another key is: it is no plain digest
    of counts that whoever knows the question could try out."""
    tags = set()
    for _ in range(2):
        with open_shop(tables) as shop:
            tags.add(shop.ask("Products").headers["etag"])
            assert shop.ask("Products").headers["etag"] in tags
        database_connection.execute("UPDATE token_key SET key = sha256(key)")
    assert len(tags) == 2
