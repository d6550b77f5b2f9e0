"""Ranges: what is asked for, what is answered, and what the answer says of itself."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gerance.kernel.errors import Rejection
from gerance.kernel.http.ranges import Range


def answered(text: str | None, count: int, *, default: int = 100, most: int = 100) -> str:
    """Status, Content-Range and number of elements of an answer, e.g. `206 0-0/256: 1`."""
    wanted = Range.parse(text, default=default, most=most)
    headers = wanted.headers(count)
    assert headers["Accept-Range"] == str(most)
    return f"{wanted.status(count)} {headers['Content-Range']}: {wanted.expected(count)}"


def test_both_ends_count_from_zero_and_are_included() -> None:
    assert answered("0-0", 256) == "206 0-0/256: 1"
    assert answered("0-10", 256) == "206 0-10/256: 11"
    assert answered("3-4", 5) == "206 3-4/5: 2"


def test_the_whole_collection_is_answered_with_200() -> None:
    assert answered("0-9", 10) == "200 0-9/10: 10"
    assert answered("0-0", 1) == "200 0-0/1: 1"


def test_a_part_is_answered_with_206() -> None:
    assert answered("1-9", 10) == "206 1-9/10: 9"
    assert answered("0-8", 10) == "206 0-8/10: 9"


def test_without_a_range_the_default_of_the_route_is_answered() -> None:
    assert answered(None, 10) == "200 0-9/10: 10"
    assert answered(None, 256) == "206 0-99/256: 100"
    assert answered(None, 256, default=20) == "206 0-19/256: 20"
    assert answered(None, 30_000, default=20_000, most=20_000) == "206 0-19999/30000: 20000"
    assert answered(None, 256, default=500) == "206 0-99/256: 100"


def test_a_last_past_the_end_is_clipped() -> None:
    assert answered("201-256", 256) == "206 201-255/256: 55"
    assert answered("0-99", 10) == "200 0-9/10: 10"


def test_more_than_one_answer_holds_is_clipped() -> None:
    assert answered("0-255", 256) == "206 0-99/256: 100"
    assert answered("100-999", 256) == "206 100-199/256: 100"
    assert answered("0-999999999999999", 100) == "200 0-99/100: 100"


def test_an_empty_collection_is_whole() -> None:
    assert answered(None, 0) == "200 0-0/0: 0"
    assert answered("0-0", 0) == "200 0-0/0: 0"
    assert answered("5-9", 0) == "200 0-0/0: 0"


def test_a_first_past_the_end_is_an_empty_part() -> None:
    assert answered("256-300", 256) == "206 256-256/256: 0"
    assert answered("1-1", 1) == "206 1-1/1: 0"
    assert answered("1000-1000", 256) == "206 1000-1000/256: 0"


@pytest.mark.parametrize(
    "text",
    ["", "-", "1", "1-", "-1", "a-b", "0-9x", "0 - 9", "0--9", "-1-5", "0-9-12", "1.0-2", "0x1-0x2",
     "+1-2", "1_0-2_0", "٠-٩", "²-3", "0-9,20-29", "items=0-9", "0-" + "9" * 400],
)  # fmt: skip
def test_a_malformed_range_is_refused_by_name(text: str) -> None:
    with pytest.raises(Rejection, match=r"^range: ") as refused:
        Range.parse(text, default=100, most=100)
    assert refused.value.status == 400
    assert len(refused.value.message) < 120


@pytest.mark.parametrize("text", ["1-0", "99-0", "256-255"])
def test_a_reversed_range_is_refused(text: str) -> None:
    with pytest.raises(Rejection, match="ends before it starts"):
        Range.parse(text, default=100, most=100)


counts = st.integers(0, 300)
ends = st.integers(0, 400)


@given(ends, ends, counts, st.integers(1, 120))
def test_what_is_answered_says_what_it_is(first: int, more: int, count: int, most: int) -> None:
    wanted = Range.parse(f"{first}-{first + more}", default=most, most=most)
    elements = list(range(count))[wanted.first : wanted.first + wanted.limit]
    said = re.fullmatch(r"(\d+)-(\d+)/(\d+)", wanted.headers(count)["Content-Range"])
    assert said is not None
    start, end, total = map(int, said.groups())
    assert total == count
    assert len(elements) == wanted.expected(count) <= most
    assert wanted.status(count) == (200 if len(elements) == count else 206)
    assert wanted.within(count).limit == len(elements)
    if elements:
        assert (start, end) == (elements[0], elements[-1])
    else:
        assert start == end == (first if count else 0)


@given(counts, st.integers(1, 50))
def test_following_the_ranges_gives_every_element_once(count: int, step: int) -> None:
    seen: list[int] = []
    while len(seen) < count:
        wanted = Range.parse(f"{len(seen)}-{len(seen) + step - 1}", default=100, most=100)
        seen += list(range(count))[wanted.first : wanted.first + wanted.expected(count)]
    assert seen == list(range(count))


def test_a_wrong_range_is_explained_in_french_too() -> None:
    with pytest.raises(Rejection) as rejected:
        Range.parse("here", default=100, most=100)
    assert rejected.value.text("fr").startswith("range : attendu premier-dernier")
