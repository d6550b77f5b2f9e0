"""Changes that arrive at once: rows, log and answers are those of some order, one after another."""

import random
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import httpx2
import msgspec
import psycopg
import pytest
from starlette.testclient import TestClient
from tests.app import all_at_once
from tests.living import running
from tests.rentals.conftest import estate, rentals_template
from tests.rentals.test_writing import integrator

from gerance.kernel.identity.scope import Scope

__all__ = ["estate", "rentals_template"]

ROWS = {"Tenants": range(1, 6), "Suppliers": range(1, 5), "Units": range(1, 4)}
TEXTS = (
    "Roy",
    "Élise \u2028 «x»",
    '{"a",NULL}',
    "a\\b'c\"d",
    "NULL",
    "\t\n",
    "%s %(id)s",
    "x" * 50,
)
NUMBERS = (0, 1, 850, 850.5, 999_999_999, Decimal("0.01"))
INVALID = {"Rent": (-1, 1e30), "BaseRent": (-1, 1e12), "ContactName": ("x" * 10_000, "a\u0000b")}
NAMES = {
    "Tenants": ("Rent", "Phone"),
    "Suppliers": ("ContactName", "Trade"),
    "Units": ("BaseRent",),
}
MISSING = 400_000


class Change(NamedTuple):
    """A PATCH. `expected`: the version in its If-Match, None without one."""

    set_name: str
    id: int
    body: dict[str, Any]
    expected: int | None
    dry_run: bool
    headers: dict[str, str]

    @property
    def request(self) -> httpx2.Request:
        content = msgspec.json.encode(self.body)
        headers = {**self.headers, "Content-Type": "application/json"}
        prefer = "return=representation" + (", handling=dry-run" if self.dry_run else "")
        headers["Prefer"] = prefer
        if self.expected is not None:
            headers["If-Match"] = f'W/"{self.expected}"'
        url = f"http://testserver/api/{self.set_name}({self.id})"
        return httpx2.Request("PATCH", url, content=content, headers=headers)


def value(chance: random.Random, name: str) -> tuple[Any, bool]:
    """A value of a property, and whether it is valid."""
    if name in INVALID and chance.random() < 0.08:
        return chance.choice(INVALID[name]), False
    if name in ("Rent", "BaseRent"):
        return float(chance.choice(NUMBERS)), True
    if name == "Phone":
        return f"418 555-01{chance.randrange(100):02}", True
    return chance.choice(TEXTS)[:40], True


@pytest.fixture(scope="module")
def http(estate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with running(estate, tmp_path_factory.mktemp("home"), requests_per_second=0) as client:
        client.headers |= integrator(client, estate, "crm", Scope())
        yield client


def version_of(answer: httpx2.Response) -> int:
    return int(answer.headers["ETag"].removeprefix('W/"').rstrip('"'))


@pytest.mark.parametrize("seed", range(2))
def test_changes_at_once_are_changes_in_some_order(
    http: TestClient, estate: str, seed: int
) -> None:
    chance = random.Random(seed)
    others = integrator(http, estate, f"other-{seed}", Scope())
    own = {"Authorization": http.headers["Authorization"]}
    rows = {
        (set_name, id_): http.get(f"/api/{set_name}({id_})")
        for set_name, ids in ROWS.items()
        for id_ in ids
    }
    versions = {row: version_of(answer) for row, answer in rows.items()}
    states = {row: answer.json() for row, answer in rows.items()}
    start = max_position(estate)
    versions_of_positions = {}
    for _ in range(4):
        changes, invalid = [], []
        for _ in range(60):
            set_name = chance.choice(list(ROWS))
            id_ = chance.choice([*ROWS[set_name], MISSING]) if chance.random() < 0.1 else (
                chance.choice(list(ROWS[set_name])))  # fmt: skip
            count = chance.choice((1, 1, len(NAMES[set_name])))
            names = NAMES[set_name][:count]
            values = {name: value(chance, name) for name in names}
            known = versions.get((set_name, id_), 1)
            changes.append(Change(
                set_name, id_, {name: each for name, (each, _) in values.items()},
                chance.choice((None, None, known, known, known + 1, known - 1)),
                chance.random() < 0.1, chance.choice((own, own, others))))  # fmt: skip
            invalid.append(not all(valid for _, valid in values.values()))
        answers = all_at_once(http, [each.request for each in changes])
        done = defaultdict(list)
        for change, answer, wrong in zip(changes, answers, invalid, strict=True):
            row = (change.set_name, change.id)
            if change.id == MISSING:
                assert answer.status_code == (400 if wrong else 404) or wrong, answer.text
            elif wrong:
                assert answer.status_code in (400, 412), answer.text
                assert change.expected is not None or answer.status_code == 400
            elif change.expected is None:
                assert answer.status_code == 200, answer.text
            else:
                assert answer.status_code in (200, 412), answer.text
            if answer.status_code == 200 and not change.dry_run:
                done[row].append((version_of(answer), change, answer))
        for row, of_row in done.items():
            of_row.sort(key=lambda each: (each[0], "Gerance-Position" not in each[2].headers))
            version, state = versions[row], states[row]
            for new, change, answer in of_row:
                if change.expected is not None:
                    assert change.expected == version, "a change of another version was accepted"
                if "Gerance-Position" in answer.headers:
                    assert new == version + 1, "each change counts once"
                    versions_of_positions[int(answer.headers["Gerance-Position"])] = new
                    state = state | change.body
                else:
                    assert new == version, "nothing was changed"
                version = new
                body = answer.json()
                for name, each in change.body.items():
                    assert body[name] == state[name] == each
                assert {name: body[name] for name in NAMES[row[0]]} == {
                    name: state[name] for name in NAMES[row[0]]
                }
                state = body
            versions[row], states[row] = version, state
        for row in rows:
            answer = http.get(f"/api/{row[0]}({row[1]})")
            assert version_of(answer) == versions[row]
            for name in NAMES[row[0]]:
                assert answer.json()[name] == states[row][name], (row, name)
    with psycopg.connect(estate) as connection:
        events = connection.execute(
            "SELECT position, version, process_uid FROM event WHERE position > %s", [start]
        ).fetchall()
    assert {position: version for position, version, _ in events} == versions_of_positions
    assert len({process for *_, process in events}) == len(events)


def max_position(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT max(position) FROM event").fetchone()
    assert row is not None
    return int(row[0])
