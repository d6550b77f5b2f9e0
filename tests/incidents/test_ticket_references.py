"""The short reference of a ticket without claim numbers, which people can read out."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from alembic import command as alembic
from tests.app import close, detail, in_agency, in_patrimony, infos, listed, open_ticket
from tests.incidents.conftest import MOMENT, User, World
from tests.living import contents

from gerance import migrations
from gerance.incidents.rebuild import rebuild

SHORT = re.compile(r"\d{4}-\d{6}")
BEFORE = (
    """UPDATE ticket_search s SET words = ts_delete(s.words, string_to_array(r.ref, '-'))
    FROM ticket_reference r JOIN ticket t ON r.ticket = t.uid JOIN ticket_document d USING (number)
    WHERE t.number = s.number AND strpos(d.listed, '"' || r.ref || '"') > 0""",
    """UPDATE ticket_document d SET listed = replace(d.listed, '"ref":"' || r.ref || '"',
    '"ref":"' || t.uid || '"'), parties = replace(d.parties, ',"ref":"' || r.ref || '"', '')
    FROM ticket t JOIN ticket_reference r ON r.ticket = t.uid WHERE t.number = d.number""",
    "DROP TABLE ticket_reference, ticket_series",
    "DROP SEQUENCE ticket_number",
    "DROP FUNCTION ticket_reference_for",
)
"""What makes a database as it was before tickets had references."""


@pytest.fixture(scope="module")
def user(world: World) -> User:
    return world.operator_user


def migrate(database: str, revision: str) -> None:
    """Run one revision again, on a database that has all later ones."""
    with psycopg.connect(database) as connection:
        newest = migrations.revision(connection)
        connection.execute("UPDATE alembic_version SET version_num = '0013_daily_job'")
    engine, config = migrations._engine(database), migrations._config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        alembic.upgrade(config, revision)
    engine.dispose()
    with psycopg.connect(database) as connection:
        assert migrations.revision(connection) == revision
        connection.execute("UPDATE alembic_version SET version_num = %s", [newest])


def unnamed(world: World, user: User, **fields: Any) -> str:
    return open_ticket(user, in_patrimony(world.patrimony), claimNumber={}, **fields)


def ref_of(user: User, uid: str) -> str:
    return str(detail(user, uid)["ref"])


def test_it_is_short_and_the_same_in_every_view(world: World, user: User) -> None:
    uid = unnamed(world, user)
    ref = ref_of(user, uid)
    assert SHORT.fullmatch(ref)
    assert listed(user, uid)["ref"] == listed(user, uid, "tickets/export")["ref"] == ref
    assert world.rows("SELECT ref FROM odata.ticket WHERE uid = %s", uid) == [(ref,)]
    for path in ("tickets", "tickets/export"):
        assert [it["uid"] for it in user.get(path, fulltext=ref)["result"]] == [uid]
        assert uid in {it["uid"] for it in user.get(path, fulltext=uid)["result"]}
    close(user, uid)
    assert ref_of(user, uid) == ref


def test_it_counts_from_one_in_each_call_centre(world: World, user: User) -> None:
    unnamed(world, user)
    far = open_ticket(world.root, in_agency(world.far_agency), claimNumber={})
    assert ref_of(world.root, far).endswith("-000001")


def test_tickets_opened_at_once_have_different_ones(world: World, user: User) -> None:
    with ThreadPoolExecutor(8) as threads:
        uids = list(threads.map(lambda _: unnamed(world, user), range(24)))
    refs = {each["ref"] for each in user.get("tickets")["result"] if each["uid"] in uids}
    assert len(refs) == 24


def test_processes_that_begin_a_series_at_once_assign_no_number_twice(world: World) -> None:
    def assign(nth: int) -> list[str]:
        with psycopg.connect(world.database, autocommit=True) as connection:
            return [
                row[0]
                for _ in range(20)
                for row in connection.execute(
                    "SELECT ticket_reference_for(gen_random_uuid(), %s, 2031)", [world.company]
                )
            ]

    with ThreadPoolExecutor(6) as threads:
        refs = [ref for assigned in threads.map(assign, range(6)) for ref in assigned]
    assert len(set(refs)) == 120
    assert all(ref.startswith("2031-") for ref in refs)


def test_one_that_loses_its_claim_number_has_one_and_a_dry_run_stores_none(
    world: World, user: User
) -> None:
    uid = open_ticket(user, in_patrimony(world.patrimony), claimNumber={"clientClaimNumber": "C-7"})
    assert ref_of(user, uid) == "C-7"
    fields = {"locationRef": in_patrimony(world.patrimony), "ticket": infos(claimNumber={})}
    user.events(f"tickets/{uid}", "UpdateTicket", openedDate=MOMENT, **fields)
    assert SHORT.fullmatch(ref_of(user, uid))
    before = world.rows("SELECT count(*) FROM ticket_reference")
    command = {"processUid": uid, "commandType": "OpenTicket", "openedDate": MOMENT, **fields}
    headers = {**user._headers, "Prefer": "handling=dry-run"}
    tried = user.http.post("/api/vEvent/tickets", json=command, headers=headers)
    assert tried.status_code == 200
    assert world.rows("SELECT count(*) FROM ticket_reference") == before


def test_one_that_moves_to_another_call_centre_keeps_its_own_unless_it_is_taken_there(
    world: World,
) -> None:
    root = world.root
    taken = ref_of(root, open_ticket(root, in_agency(world.far_agency), claimNumber={}))
    uids = [unnamed(world, root) for _ in range(2)]
    world.rows("UPDATE ticket_reference SET ref = 'free' WHERE ticket = %s RETURNING 1", uids[1])
    world.rows("UPDATE ticket_reference SET ref = %s WHERE ticket = %s RETURNING 1", taken, uids[0])
    for uid in uids:
        address = detail(root, uid)["address"]
        root.events(
            f"tickets/{uid}",
            "CorrectLocationReference",
            address=address,
            locationReference=in_agency(world.far_agency),
        )
    assert SHORT.fullmatch(ref_of(root, uids[0]))
    assert ref_of(root, uids[0]) != taken
    assert ref_of(root, uids[1]) == "free"


def test_the_migration_gives_one_to_each_ticket_and_a_rebuild_makes_the_same(
    world: World, user: User
) -> None:
    claimed = open_ticket(
        user, in_patrimony(world.patrimony), claimNumber={"clientClaimNumber": "C"}
    )
    uids = [unnamed(world, user) for _ in range(7)]
    with psycopg.connect(world.database) as connection:
        for statement in BEFORE:
            connection.execute(statement)
    assert ref_of(user, uids[0]) == uids[0]
    migrate(world.database, "0014_ticket_references")
    refs = [ref_of(user, uid) for uid in uids]
    assert all(map(SHORT.fullmatch, refs))
    assert refs == sorted(set(refs))
    assert ref_of(user, claimed) == "C"
    assert [it["uid"] for it in user.get("tickets", fulltext=refs[3])["result"]] == [uids[3]]
    kept = contents(world.database)
    rebuild(world.database, lambda done, total: None)
    after = contents(world.database)
    assert [table for table in kept if after[table] != kept[table]] == []
