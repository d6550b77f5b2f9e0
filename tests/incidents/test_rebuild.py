"""`projections rebuild`: the read side made anew is, byte for byte, the one that was kept."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from starlette.testclient import TestClient
from tests.conftest import made_database
from tests.living import Rows, begun_demonstration, contents, live, lives_to_come, log_in, running

from gerance.demo.lives import Life
from gerance.demo.world import build_world
from gerance.incidents.rebuild import rebuild

COUNT, BEGUN = 90, 50
READ_TABLES = {
    "agency",
    "company",
    "lot",
    "operator",
    "patrimony",
    "patrimony_contact",
    "provider_company",
    "provider_contact",
    "ticket",
    "ticket_document",
    "ticket_search",
    "ticket_tally",
    "ticket_tally_change",
}
"""What the log and the states can make again; `account` too, but for its passwords."""

SCRAMBLED = (
    "UPDATE company SET name = 'wrong', holding = NULL WHERE company_type = 'ClientAccount'",
    "UPDATE agency SET name = upper(name), document = '{}'",
    "UPDATE patrimony SET agencies = '{}'",
    "UPDATE operator SET last_name = 'wrong'",
    """UPDATE account SET first_name = 'wrong'
    WHERE uid IN (SELECT uid FROM stream WHERE category = 'user')""",
    "DELETE FROM patrimony_contact",
    """UPDATE lot SET ref = n.ref || '!', lot_number = 'wrong ' || n.ref FROM (
      SELECT uid, coalesce(lead(ref) OVER w, first_value(ref) OVER w) AS ref FROM lot
      WINDOW w AS (PARTITION BY patrimony ORDER BY ref)) n WHERE n.uid = lot.uid""",
    "UPDATE lot SET ref = rtrim(ref, '!')",
    "DELETE FROM provider_contact WHERE fold(name) < 'm'",
    "INSERT INTO provider_company VALUES (gen_random_uuid(), 'stray', '1')",
    "UPDATE stream SET state = '{}', version = 99",
    "UPDATE ticket SET closed = NOT closed, agencies = '{}'",
    "UPDATE ticket_search SET words = ''",
    "INSERT INTO ticket_search VALUES (-2, 'stray')",
    """INSERT INTO ticket SELECT (t).* FROM (SELECT jsonb_populate_record(
    t, jsonb_build_object('number', -1, 'uid', gen_random_uuid())) AS t FROM ticket t LIMIT 1) s""",
    "DELETE FROM ticket_document WHERE number % 2 = 0",
    "UPDATE ticket_document SET listed = '{}', exported = '{}' WHERE number % 2 = 1",
    "UPDATE ticket_tally SET count = count + 1",
)


@pytest.fixture(scope="module")
def begun(database_url: str, migrated_template: str) -> Iterator[str]:
    """URL of a database with the demonstration's world and some tickets."""
    with begun_demonstration(database_url, migrated_template, count=COUNT, done=BEGUN) as url:
        yield url


@pytest.fixture(scope="module")
def lives(begun: str) -> list[Life]:
    """Lives that it has not seen."""
    return lives_to_come(begun, build_world(), count=COUNT, done=BEGUN)


@pytest.fixture
def lived(database_url: str, begun: str, lives: list[Life]) -> Iterator[str]:
    """URL of a copy of it, where two hundred commands were sent since."""
    with made_database(database_url, template=urlsplit(begun).path[1:]) as url:
        yield url


@pytest.fixture
def http(lived: str, tmp_path: Path) -> Iterator[TestClient]:
    with running(lived, tmp_path) as client:
        yield client


def ignore(done: int, total: int) -> None:
    """Nobody watches the progress."""


def scramble(database: str, *statements: str) -> None:
    with psycopg.connect(database) as connection:
        for statement in statements:
            connection.execute(statement)


def difference(before: Rows, after: Rows) -> list[str]:
    """The tables that are not the same."""
    return [table for table in before if after[table] != before[table]]


def sent(http: TestClient, database: str, lives: list[Life]) -> int:
    """Live these lives; how many commands it were."""
    cookies = log_in(database, build_world(), {life.actor for life in lives})
    for life in lives:
        live(http, cookies, life)
    return sum(len(life.commands) for life in lives)


def test_everything_that_was_scrambled_is_as_it_was(
    http: TestClient, lived: str, lives: list[Life]
) -> None:
    assert sent(http, lived, lives) > 200
    before = contents(lived)
    scramble(lived, *SCRAMBLED)
    assert READ_TABLES - {"ticket_tally_change"} <= set(difference(before, contents(lived)))
    told: list[tuple[int, int]] = []
    rebuild(lived, lambda *done: told.append(done))
    assert difference(before, contents(lived)) == []
    assert told[-1] == (COUNT, COUNT)


def test_tables_that_were_emptied_are_filled_again(lived: str) -> None:
    before = contents(lived)
    scramble(lived, *(f"TRUNCATE {table}" for table in sorted(READ_TABLES)))
    assert {table for table, rows in contents(lived).items() if rows} < before.keys()
    rebuild(lived, ignore)
    assert difference(before, contents(lived)) == []


def test_what_is_right_stays_as_it_is(lived: str) -> None:
    before = contents(lived)
    rebuild(lived, ignore)
    rebuild(lived, ignore)
    assert difference(before, contents(lived)) == []


def test_commands_are_carried_out_while_the_read_side_is_made_anew(
    http: TestClient, lived: str, lives: list[Life]
) -> None:
    scramble(lived, "UPDATE ticket_search SET words = ''", "UPDATE ticket_tally SET count = 0")
    rounds = 0
    with ThreadPoolExecutor() as threads:
        writing = threads.submit(sent, http, lived, lives)
        while not writing.done():
            rebuild(lived, ignore)
            rounds += 1
        assert writing.result() > 200
    assert rounds > 1
    kept = contents(lived)
    rebuild(lived, ignore)
    assert difference(kept, contents(lived)) == []
    assert len(kept["ticket"]) == COUNT
