"""A question that is over a limit is rejected before it has cost much: other requests wait for it.

Work is counted in calls, of Python's functions and of C's, which no other load changes.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from tests.kernel.odata.catalogue import CATALOGUE

from gerance.kernel.odata.access import EVERYTHING
from gerance.kernel.odata.compiler import Compiler, QueryKey
from gerance.kernel.odata.errors import LimitExceeded, ODataRejection
from gerance.kernel.odata.parse.options import LONGEST, delta_token_in, format_in, parse_query
from gerance.kernel.odata.parse.paths import LONGEST_PATH, parse_path
from gerance.kernel.odata.sql.style import Style
from gerance.kernel.odata.writing.bodies import MOST_DECIMALS, read_object

MOST_CALLS = 110_000
"""Ten to twenty milliseconds of CPU, those of 2,000 parts or of 5,000 tokens."""


def calls(work: Callable[[], Any]) -> tuple[int, ODataRejection | None]:
    """How many calls the work makes, and how it was rejected."""
    count, refused = 0, None

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    except ODataRejection as caught:
        refused = caught
    finally:
        sys.setprofile(None)
    return count, refused


def filled(begin: str, repeated: str, end: str = "", length: int = LONGEST) -> str:
    """A text of almost the length, by repetition."""
    return begin + repeated * ((length - len(begin) - len(end)) // len(repeated)) + end


OVER = {
    "minus signs": (filled("$filter=Id eq ", "-"), "60 deep"),
    "a list": (filled("$filter=Id in (", "3,", "3)"), "1000 items"),
    "a list of texts": (filled("$filter=Id in (", "'',", "'')"), "1000 items"),
    "a list of decimals": (filled("$filter=Id in (", "1.1,", "1)"), "1000 items"),
    "a list of names": (filled("$filter=Id in (", "a,", "a)"), "1000 items"),
    "lists": ("$filter=" + " or ".join([f"Id in ({'3,' * 900}3)"] * 6), "2000 parts"),
    "arguments": (filled("$filter=f(", "a,", "a)"), "1000 items"),
    "a path": (filled("$filter=", "a/", "a"), "50 steps"),
    "paths": (filled("$filter=", "a/" * 40 + "a or ", "a"), "5000 words and signs"),
    "a path to order by": (filled("$orderby=", "a/", "a"), "50 steps"),
    "parentheses": (filled("$filter=", "("), "60 deep"),
    "negations": (filled("$filter=", "not "), "60 deep"),
    "calls": (filled("$filter=", "f("), "60 deep"),
    "quantifiers": (filled("$filter=", "a/any(a:"), "60 deep"),
    "counts": (filled("$filter=", "a/$count($filter="), "60 deep"),
    "comparisons": (filled("$filter=", "a eq ", "a"), "60 deep"),
    "conditions": (filled("$filter=", "a or ", "a"), "2000 parts"),
    "properties": (filled("$select=", "a,", "a"), "500 properties"),
    "orderings": (filled("$orderby=", "a,", "a"), "24 values"),
    "expansions": (filled("$expand=", "a,", "a"), "40 items"),
    "a path to expand": (filled("$expand=", "a/", "a"), "6 deep"),
    "expansions in one another": (filled("$expand=", "a($expand="), "6 deep"),
    "properties of an expansion": (filled("$expand=a($select=", "a,", "a)"), "500 properties"),
    "aliases": ("&".join(f"@a{each}=1" for each in range(3000)), "300 options"),
    "aliases used": (filled("@p=1&$filter=", "@p or ", "@p"), "2000 parts"),
    "options": (filled("", "a&"), "300 options"),
    "no options": (filled("", "&"), "300 options"),
    "encoded minus signs": (filled("$filter=1 eq ", "%2D"), "60 deep"),
    "several texts": (
        "&".join(f"@a{each}=a in ({'1,' * 900}1)" for each in range(9)), "5000 words and signs",
    ),
}  # fmt: skip


@pytest.mark.parametrize("costly", OVER)
def test_parsing_stops_at_the_limit(costly: str) -> None:
    query, limit = OVER[costly]
    count, refused = calls(lambda: parse_query(query))
    assert isinstance(refused, LimitExceeded), refused
    assert limit in refused.message
    assert count < MOST_CALLS


COSTLY = {
    "comparisons": "$filter=" + " or ".join(["Id eq 1"] * 990),
    "an alias": "@p=Id eq 1&$filter=" + " or ".join(["@p"] * 990),
    "too many aliases": "@p=true&$filter=" + " or ".join(["@p"] * 1900),
    "doubling aliases": "&".join(f"@a{each}=@a{each + 1} and @a{each + 1}" for each in range(40))
    + "&@a40=true&$filter=@a0",
    "an encoded alias": "%40p=" + " or ".join(["Id eq 1"] * 100) + "&$filter=%40p and %40p",
    "paths": "$filter=" + " or ".join(["Category/Name eq 'x'"] * 400),
    "functions": "$filter=" + " and ".join(["contains(tolower(Name),'x')"] * 300),
}  # fmt: skip


@pytest.mark.parametrize("query", COSTLY.values(), ids=COSTLY)
def test_a_costly_query_compiles_off_the_event_loop(query: str) -> None:
    """A profile counts the calls of its own thread only: here, the event loop's."""
    key = QueryKey("*", "Products", query, Style(), 10)

    async def compile_it() -> None:
        with suppress(ODataRejection):
            await Compiler(CATALOGUE).compile_aside(key, EVERYTHING)

    on_the_loop, _ = calls(lambda: asyncio.run(compile_it()))
    in_all, _ = calls(lambda: Compiler(CATALOGUE).compile(key, EVERYTHING))
    assert on_the_loop < 2_000
    assert in_all < 1.4 * MOST_CALLS


@pytest.mark.parametrize("number", ["1.5", "1e5", "-0.1"])
def test_a_body_of_many_decimals_is_read_up_to_the_limit(number: str) -> None:
    body = f'{{"Name":[{",".join([number] * 250_000)}]}}'.encode()
    count, refused = calls(lambda: read_object(body))
    assert refused is not None
    assert refused.code == "LimitExceeded"
    assert count < 2 * MOST_DECIMALS + 100
    lines = f'{{"Lines":[{",".join([number] * MOST_DECIMALS)}]}}'.encode()
    assert len(read_object(lines)["Lines"]) == MOST_DECIMALS


@pytest.mark.parametrize(
    "wrong",
    [
        filled("$filter=", "="),
        filled("$filter=", "a "),
        filled("$expand=", "a();"),
        filled("$filter=", "01234567-"),
        filled("$filter=", "a in () "),
        filled("$top=", "1,"),
        filled("$skiptoken=", ","),
    ],
    ids=lambda query: query[:20],
)
def test_a_text_is_read_up_to_its_first_mistake_only(wrong: str) -> None:
    count, _ = calls(lambda: parse_query(wrong))
    assert count < 1000


@pytest.mark.parametrize(
    "raw", [filled("", "&", "$format=json&$deltatoken=1"), filled("deltatoken&format", "a&")]
)
def test_options_that_are_read_first_cost_little(raw: str) -> None:
    assert calls(lambda: format_in(raw))[0] < 5000
    assert calls(lambda: delta_token_in(raw))[0] < 5000


@pytest.mark.parametrize("repeated", ["-", "1,", "(", "a%2F", "a=1,", "%41", "1 or ", "'',"])
def test_a_key_of_a_path_costs_little(repeated: str) -> None:
    path = filled("Products(", repeated, "1)", LONGEST_PATH)
    assert calls(lambda: parse_path(path))[0] < MOST_CALLS


@pytest.mark.parametrize(
    "text",
    ["9" * 32_000, "1." + "9" * 32_000, "-" + "9" * 32_000, "9" * 32_000 + ".1",
     "1e" + "9" * 32_000, "'" + "x" * 32_000 + "'", "'" + "''" * 16_000,
     "x" * 32_000, "x." * 16_000,
     "duration'P" + "9" * 32_000 + "D'", "x" * 32_000 + "'x'", "9" * 32_000 + "z"],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_one_long_token_costs_little(text: str) -> None:
    """Compared with a loop on this machine at this moment, which takes some ten milliseconds."""

    def compile_it() -> None:
        question = QueryKey("*", "Products", f"$filter=Weight eq {text}", Style(), 10)
        with suppress(ODataRejection):
            Compiler(CATALOGUE).compile(question, EVERYTHING)

    assert best(compile_it) < 2 * best(lambda: sum(each for each in range(250_000)))


def best(work: Callable[[], Any]) -> float:
    """Seconds of CPU of this thread, the least of three."""
    found = []
    for _ in range(3):
        begun = time.thread_time()
        work()
        found.append(time.thread_time() - begun)
    return min(found)


def test_lists_of_keys_as_clients_send_them_are_read() -> None:
    guids = ",".join(["01234567-0123-0123-0123-012345678901"] * 800)
    assert parse_query(f"$filter=Sku in ({guids})").options.filter is not None
    numbers = ",".join(map(str, range(1000)))
    assert parse_query(f"$filter=Id in ({numbers})").options.filter is not None
    chain = " or ".join(f"Id eq {each}" for each in range(900))
    assert parse_query(f"$filter={chain}").options.filter is not None
    select = ",".join(["Name"] * 500)
    assert parse_query(f"$select={select}&$orderby=Id&$expand=Category").options.select is not None
