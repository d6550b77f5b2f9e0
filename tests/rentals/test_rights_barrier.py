"""What a limited integrator is answered does not depend on rows that it does not see.

Every entity type, every position of an expression, every expression that can fail: the same
questions go to a database with rows of another company, on which each of these expressions fails,
and to one without such rows. Types, navigations and functions come from the model, options from the
parser, operations from the tables of the planner: new ones are covered, or a test names them.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any, get_args

import psycopg
import pytest
from psycopg import sql
from starlette.applications import Starlette
from tests.conftest import made_database
from tests.rentals.following import ACCESSES, application
from tests.rentals.foreign_rows import OWNER, fill, log
from tests.rentals.hostile import (
    FAILING,
    HARMLESS,
    OPTIONS,
    SYNTAX,
    TO_MANY,
    TO_ONE,
    Probe,
    broken,
    expressions,
    probes,
)

from gerance.kernel.identity.bearer import Integrator
from gerance.kernel.odata.access import Access
from gerance.kernel.odata.compiler import Compiler, QueryKey
from gerance.kernel.odata.edm import Edm
from gerance.kernel.odata.parse import options, syntax
from gerance.kernel.odata.plan.functions import CASTS, FUNCTIONS
from gerance.kernel.odata.plan.nodes import Operation
from gerance.kernel.odata.sql.barrier import INTEGERS, LEAKPROOF, cannot_fail
from gerance.kernel.odata.sql.functions import OPERATIONS, SQL_TYPES, TYPE_OPERATIONS
from gerance.kernel.odata.sql.style import Style
from gerance.odata_service import INCIDENT_SETS, MODEL, PARTNER_SETS
from gerance.rentals.access.rights import access_of

MODULES = frozenset(each.module for each in MODEL.types.values() if each.module)
PLACES: dict[str, dict[str, int]] = {
    "division 1-1": {"company_no": 1, "division_no": 1},
    "company 1": {"company_no": 1},
    "division 8-8": {"company_no": 8, "division_no": 8},
}
AVAILABLE = re.compile(rb'"Available(From|To)":("[^"]*"|null)')
Answers = list[tuple[int, bytes]]


def limited(place: str) -> Access:
    integrator = Integrator(
        uid=OWNER, name="n", user_name="n", read_only=True, incidents=False, sets=None,
        places=(PLACES[place],),
    )  # fmt: skip
    return access_of(integrator, MODEL.sets.values(), MODULES, INCIDENT_SETS, PARTNER_SETS)


ACCESSES.update({place: limited(place) for place in PLACES})


@pytest.fixture(scope="module")
def both(database_url: str, migrated_template: str) -> Iterator[tuple[str, str]]:
    """URLs of the database with foreign rows, and of the one without."""
    with (
        made_database(database_url, template=migrated_template) as one,
        made_database(database_url, template=migrated_template) as other,
    ):
        fill(one, foreign=True)
        fill(other, foreign=False)
        yield one, other


def ask(urls: tuple[str, ...], place: str, questions: list[Probe]) -> list[Answers]:
    """The answers of the database at each URL, all pages of one question as one."""

    async def all_answers() -> list[Answers]:
        async with AsyncExitStack() as stack:
            apps = [application(url) for url in urls]
            for app in apps:
                await stack.enter_async_context(app.router.lifespan_context(app))
            return await asyncio.gather(*(_answers(app, place, questions) for app in apps))

    return asyncio.run(all_answers())


async def _answers(app: Starlette, place: str, questions: list[Probe]) -> Answers:
    found: Answers = [(0, b"")] * len(questions)
    waiting = iter(enumerate(questions))

    async def ask_some() -> None:
        for nth, probe in waiting:
            target, bodies, status = probe.link or f"/api/{probe.target}", [], 200
            while target and status == 200:
                status, body = await _answer(app, place, target, probe)
                bodies.append(body)
                link = json.loads(body).get("@odata.nextLink") if body[:1] == b"{" else None
                target = link.partition("testserver")[2] if link else None
            found[nth] = (status, b"\n".join(bodies))

    await asyncio.gather(*(ask_some() for _ in range(4)))
    return found


async def _answer(app: Starlette, place: str, target: str, probe: Probe) -> tuple[int, bytes]:
    path, _, query = target.partition("?")
    headers = {"x-access": place, "x-owner": OWNER, "host": "testserver"}
    headers |= {"prefer": "maxpagesize=1"} if probe.page else {}
    headers |= {"prefer": "track-changes"} if probe.track else {}
    scope = {
        "type": "http", "method": "GET", "scheme": "http", "path": path, "root_path": "",
        "raw_path": path.encode(), "query_string": query.encode(), "http_version": "1.1",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], b"".join(each.get("body", b"") for each in sent)


@pytest.mark.parametrize(
    ("place", "plans"), [("division 1-1", "auto"), ("company 1", "force_generic_plan")]
)
def test_an_answer_does_not_depend_on_rows_out_of_reach(
    both: tuple[str, str], place: str, plans: str
) -> None:
    """`plans`: the order of the conditions differs when their values are not known."""
    for url in both:
        with psycopg.connect(url, autocommit=True) as connection:
            name = sql.Identifier(connection.info.dbname)
            set_plans = sql.SQL("ALTER DATABASE {} SET plan_cache_mode = {}")
            connection.execute(set_plans.format(name, sql.Literal(plans)))
    questions = list(probes(ACCESSES[place]))
    assert len(questions) > 800
    with_foreign, without = (
        # When a unit is free is said of the unit, whoever rents it.
        [(status, AVAILABLE.sub(b"", body)) for status, body in answers]
        for answers in ask(both, place, questions)
    )
    failed = [
        f"{probe.position}: {probe.target[:200]}: {answer[0]} {answer[1][:200]!r}"
        for probe, answer, other in zip(questions, with_foreign, without, strict=True)
        if answer != other or answer[0] != 200
    ]
    assert not failed, f"{len(failed)} of {len(questions)}\n" + "\n".join(failed[:20])


def test_changes_do_not_depend_on_rows_out_of_reach(
    database_url: str, migrated_template: str
) -> None:
    """The foreign rows change and are deleted after the links were issued."""
    place, followed = "division 1-1", (" filter", TO_ONE[0], *TO_MANY[:2], "($filter={all:})")
    asked = {
        (each.path, each.position): Probe(each.position, each.path, each.query, track=True)
        for each in probes(ACCESSES[place])
        if "/" not in each.path and each.position.endswith(followed)
    }
    questions = list(asked.values())
    changed: list[list[Any]] = []
    for foreign in (True, False):
        with made_database(database_url, template=migrated_template) as url:
            fill(url, foreign=foreign, strict=True)
            links = [json.loads(body).get("@odata.deltaLink", "")
                     for _, body in ask((url,), place, questions)[0]]  # fmt: skip
            log(url)
            follow = [
                Probe("", "", "", link=link.partition("testserver")[2]) for link in links if link
            ]
            (answers,) = ask((url,), place, follow)
            failed = [
                (probe.link[:200], body)
                for probe, (status, body) in zip(follow, answers, strict=True)
                if status != 200
            ]
            assert not failed, f"{foreign}: {len(failed)} {failed[:5]}"
            changed.append([json.loads(body)["value"] for _, body in answers])
    assert len(changed[0]) > 50
    assert any(changed[1])
    assert changed[0] == changed[1]


def test_the_foreign_rows_do_make_each_expression_fail(both: tuple[str, str]) -> None:
    """Otherwise the test above would show nothing."""
    questions = [
        Probe(name, entity.set_name, f"$filter={text}")
        for entity in MODEL.sets.values()
        if ACCESSES["company 1"].reads(entity) and entity.scope
        for name, text in expressions(entity).items()
    ]
    (answers,) = ask(both[:1], "*", questions)
    for probe, (status, body) in zip(questions, answers, strict=True):
        assert status == 400, probe
        assert b"CannotCompute" in body
        assert not re.search(rb"290000|295000|2000000|infinity", body), body


def test_a_wrong_pattern_is_refused_whether_or_not_there_are_rows(both: tuple[str, str]) -> None:
    questions = [
        Probe(each.name, each.set_name, f"$filter={broken(each)}")
        for each in MODEL.sets.values()
        if ACCESSES["company 1"].reads(each)
        and each.scope
        and any(p.type is Edm.STRING for p in each.properties)
    ]
    elsewhere, here = (ask(both[:1], each, questions)[0] for each in ("division 8-8", "company 1"))
    assert elsewhere == here
    assert {status for status, _ in here} == {400}


def test_everything_that_may_fail_is_among_the_expressions() -> None:
    known = {*FUNCTIONS, *OPERATIONS} - {each for each in OPERATIONS if each.startswith("cast ")}
    known |= {name for name, _ in TYPE_OPERATIONS}
    known |= {f"cast {one} {other}" for one, other in CASTS}
    assert known == FAILING | HARMLESS
    assert FAILING - {"matchespattern"} <= set(expressions(MODEL.types["Tenant"]))
    assert not any(cannot_fail(Operation(name, (), None)) for name in OPERATIONS)


def test_every_option_and_every_form_of_an_expression_has_its_positions() -> None:
    assert OPTIONS.keys() == options._NAMES
    assert {each.__name__ for each in get_args(syntax.Expression)} == SYNTAX


# The plans

UNSAFE = re.compile(r" / |mod\(| \* |EXTRACT| \+ |::timestamp| ~ |interval", re.IGNORECASE)
QUALS = ("Filter", "Index Cond", "Recheck Cond", "Join Filter", "Hash Cond", "Merge Cond")


def below_the_barrier(node: dict[str, Any]) -> Iterator[str]:
    """The conditions that are evaluated on rows of limited tables that may not have passed yet."""
    inner = [each for child in node.get("Plans", ()) for each in below_the_barrier(child)]
    if node.get("Relation Name") in TABLES:
        inner.append("")
    if inner and node["Node Type"] != "Subquery Scan":
        inner += [str(node[qual]) for qual in QUALS if qual in node]
        yield from inner


TABLES = {each.source.removeprefix("rentals.") for each in MODEL.types.values() if each.scope} | {
    "delivery"
}


@pytest.mark.parametrize(("place", "step"), [("division 1-1", 1), ("company 1", 4)])
def test_no_condition_that_can_fail_sinks_below_the_barrier(
    both: tuple[str, str], place: str, step: int
) -> None:
    """`step`: every how many questions one is explained."""
    access, compiler, seen = ACCESSES[place], Compiler(MODEL), 0
    with psycopg.connect(both[0], autocommit=True) as connection:
        for probe in list(probes(access))[::step]:
            path, _, query = probe.target.partition("?")
            question = QueryKey(access.key, path, query, Style(), 100, owner=access.owner)
            compiled = compiler.compile(question, access)
            for statement in (compiled.statement, compiled.counting):
                if statement is None:
                    continue
                explained = f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {statement.sql}"
                ((plan,),) = connection.execute(explained.encode(), prepare=False).fetchall()
                found = list(below_the_barrier(plan[0]["Plan"]))
                seen += len(found)
                assert not [each for each in found if UNSAFE.search(each)], probe
    assert seen > 900 / step


def test_comparisons_beside_the_rights_are_leakproof(both: tuple[str, str]) -> None:
    """As the database says, for every type and operator that `sql.barrier` lets stand there."""
    pairs = [(kind, kind) for kind in LEAKPROOF] + [(a, b) for a in INTEGERS for b in INTEGERS]
    with psycopg.connect(both[0], autocommit=True) as connection:
        for one, other in pairs:
            rows = connection.execute(
                "SELECT o.oprname, p.proleakproof FROM pg_operator o JOIN pg_proc p"
                " ON p.oid = o.oprcode WHERE o.oprname IN ('=', '<>', '<', '<=', '>', '>=')"
                " AND o.oprleft = %s::regtype AND o.oprright = %s::regtype",
                [SQL_TYPES[one], SQL_TYPES[other]],
            ).fetchall()
            assert len(rows) == 6
            assert all(leakproof for _, leakproof in rows), (one, other)
