"""What holds for every slice: rows follow from the state alone, and a command is done once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from gerance.incidents.aggregates import CATEGORIES, rows
from gerance.incidents.routes import ENDPOINTS
from gerance.kernel.log.writer import Projection
from gerance.kernel.wire import SafeUUID

from .conftest import ADDRESS, DAY, MOMENT, SIRET, World, command

TABLES = {
    "company": "company",
    "agency": "company",
    "account": "user",
    "lot": "lot",
    "operator": "operator",
    "patrimony": "patrimony",
    "patrimony_contact": "patrimony_contact",
    "provider_company": "provider_company",
    "provider_contact": "provider_contact",
}


@pytest.fixture(scope="module")
def populated(world: World) -> World:
    """Something of everything, made by commands and changed once."""
    root = world.root
    renamed = {"updatedDate": DAY, "name": "Renommé"}
    root.events(f"clientcompanies/{world.holding}", "UpdateClientAccountHolding", **renamed)
    root.events(f"clientcompanies/{world.company}", "UpdateClientAccount", **renamed)
    assert world.agency
    assert world.other_agency
    path = f"patrimonies/{world.patrimony}"
    root.events(path, "AssociatePatrimonyInAgency", agencyUid=world.second_agency)
    user = root.created(
        "users",
        "ReferencePatrimonyUser",
        login="habitant",
        lastName="H",
        patrimonies=[world.patrimony],
    )
    provider = root.created(
        "providercompanies", "ReferenceProviderCompany", name="P", siretNumber=SIRET
    )
    reached = {"phones": ["1"], "fax": [], "emails": ["a@b"], "date": MOMENT}
    contact = root.created(
        "providercontacts",
        "AddProviderContact",
        companyUid=world.company,
        providerCompanyUid=provider,
        name="Artisan",
        **reached,
    )
    root.events(f"providercontacts/{contact}", "DisableProviderContact", date=MOMENT)
    root.created("operators", "ReferenceOperator", callCenterUid=world.center, lastName="O")
    lot = root.created(
        "lots",
        "ReferenceLot",
        ref="L1",
        lotNumber="1",
        patrimonyUid=world.patrimony,
        addresses=[ADDRESS],
        usage="Apartment",
    )
    root.events(f"lots/{lot}", "AddAddressToLot", address={"addressReference": ADDRESS})
    root.events(f"lots/{lot}", "UpdateLotReference", ref="L2")
    person = root.created(
        "patrimonycontacts",
        "ReferencePatrimonyContact",
        name={"nameType": "CivilName", "firstName": "A", "lastName": "B"},
        contacts=[{"contactMediumType": "Mail", "mail": "a@b"}],
        linkedWithEntities=[
            {"linkType": "LinkToPatrimonyAsCareTaker", "patrimonyUid": world.patrimony},
            {"linkType": "LinkToLotAsTenant", "lotUid": lot},
        ],
    )
    path = f"patrimonycontacts/{person}"
    root.events(path, "LinkPatrimonyContactWithUser", userUid=user)
    return world


def snapshot(connection: psycopg.Connection[Any], table: str) -> list[Any]:
    of_commands = f"uid IN (SELECT uid FROM stream WHERE category = '{TABLES[table]}')"
    if table == "agency":
        of_commands = "true"
    return connection.execute(f"SELECT * FROM {table} WHERE {of_commands} ORDER BY uid").fetchall()


def write(connection: psycopg.Connection[Any], projection: Projection) -> None:
    columns = ", ".join(f"%({name})s::{kind} AS {name}" for name, kind in projection.casts)
    for row in projection.rows:
        values = {k: v.decode() if isinstance(v, bytes) else v for k, v in row.items()}
        connection.execute(projection.sql.format(rows=f"(SELECT {columns})"), values)


def test_the_rows_follow_from_the_state_alone(populated: World) -> None:
    assert {*TABLES.values(), "ticket"} == set(CATEGORIES)
    with psycopg.connect(populated.database) as connection:
        live = {table: snapshot(connection, table) for table in TABLES}
        assert all(live.values())
        for table, category in TABLES.items():
            condition = "" if category == "company" else " WHERE uid IN (SELECT uid FROM stream)"
            connection.execute(f"DELETE FROM {table}{condition}")
        streams = connection.execute(
            "SELECT category, uid::text, state FROM stream WHERE category = ANY(%s)",
            [list(TABLES.values())],
        ).fetchall()
        for category, uid, state in streams:
            for projection in rows(category, SafeUUID(uid), state):
                write(connection, projection)
        assert {table: snapshot(connection, table) for table in TABLES} == live
        connection.rollback()


def test_fifty_of_the_same_command_at_once_are_done_once(world: World) -> None:
    path = f"clientcompanies/{world.company}"
    bodies = [
        ("POST", "operators", command(
            "ReferenceOperator", callCenterUid=world.center, lastName="Une fois")),
        ("PATCH", path, command("UpdateClientAccount", updatedDate=DAY, name="Une fois")),
    ]  # fmt: skip
    for method, where, body in bodies:
        with ThreadPoolExecutor(50) as pool:
            sent = [pool.submit(world.root.send, method, where, body) for _ in range(50)]
        answers = [future.result() for future in sent]
        accepted = [a for a in answers if a.status_code in (200, 201)]
        refused = [a.json()["errorType"] for a in answers if a not in accepted]
        assert (len(accepted), set(refused)) == (1, {"CommandAlreadySent"})


def test_writers_at_once_leave_no_version_out(world: World) -> None:
    company = world.account("Disputé")
    path = f"clientcompanies/{company}"
    with ThreadPoolExecutor(20) as pool:
        sent = [
            pool.submit(
                world.root.patch, path, "UpdateClientAccount", updatedDate=DAY, name=f"Nom {nth}"
            )
            for nth in range(60)
        ]
    assert {future.result().status_code for future in sent} == {200}
    versions = world.rows("SELECT version FROM event WHERE stream = %s ORDER BY 1", company)
    assert [version for (version,) in versions] == list(range(1, 62))


def test_every_collection_says_what_it_takes_and_needs_a_session(world: World) -> None:
    for endpoint in ENDPOINTS:
        if endpoint.public:
            continue
        assert endpoint.answers
        path = endpoint.path.replace("{", "").replace("}", "")
        answer = world.http.request(endpoint.method, path, json={})
        assert (answer.status_code, endpoint.path) == (401, endpoint.path)
        if 206 in endpoint.answers:
            assert "range" in [query.name for query in endpoint.query]
