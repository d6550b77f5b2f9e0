"""Commands, reactions and what operators do take locks in one order: no two wait for each other.

The write requests are those that the application hands to its writer, so a command that gets
another way of writing is tested with it. Each pair that meets on the same rows runs on two
connections, in each interleaving of their statements. Nothing is retried here: a deadlock fails.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest
from tests.app import LATER, assign, contact, in_patrimony, open_ticket, opening
from tests.incidents.conftest import DAY, SIRET, World
from tests.incidents.test_users import of_kind
from tests.kernel.meeting import all_meet
from tests.living import running
from tests.partners.calling import Partner, accepted, add
from tests.reactions.conftest import Bridge
from tests.rentals.writing import change

from gerance.incidents.aggregates import CATEGORIES
from gerance.incidents.name_propagation import propagate_name
from gerance.incidents.rebuild import _making
from gerance.incidents.tickets.counts import sum_up
from gerance.incidents.tickets.rebuild import _rebuild_batch
from gerance.kernel import transactions
from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.kernel.log.batch import PendingWrite, execute_batch, execute_locked, read_extra
from gerance.kernel.log.eventlog import START, read_after
from gerance.kernel.log.replay import replay_category
from gerance.kernel.log.write_request import WriteRequest, WriteResult
from gerance.kernel.log.writer import Writer
from gerance.kernel.months import Month
from gerance.kernel.wire import SafeUUID
from gerance.partners.billing_exchange import payments
from gerance.partners.billing_exchange.billing import _compute
from gerance.partners.billing_exchange.returns_text import Return
from gerance.partners.lifecycle.writer import CATEGORY
from gerance.partners.programme.partners import set_disabled, set_source
from gerance.partners.programme.tokens import revoke_tokens, rotate_token
from gerance.partners.proposals import decision
from gerance.partners.rebuild import _make
from gerance.reactions import calls
from gerance.reactions.context import Means
from gerance.rentals.maintenance.entity import SERVICE_CALL

CODE = "FOUSSIER"
Act = Callable[[Connection], Awaitable[Any]]

TODAY = date(2026, 11, 22)


class Captured(Rejection):
    """Ends a command whose write request was captured."""


@contextmanager
def capturing(requests: list[WriteRequest]) -> Iterator[None]:
    """Within the block the writer executes nothing: it adds the requests to the list."""

    async def capture(self: Writer, request: WriteRequest) -> WriteResult:
        requests.append(request)
        raise Captured("Conflict", "The write request was captured.", status=503)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Writer, "execute", capture)
        yield


def single(request: WriteRequest) -> Act:
    """The request in a transaction of its own, as after another writer came first."""

    async def act(connection: Connection) -> None:
        # Another one may have been first: this one took the locks all the same.
        with suppress(Rejection, calls.Unneeded):
            await execute_locked(connection, request)

    return act


def batch(requests: list[WriteRequest]) -> Act:
    """Requests of one category in one statement, as the writer's lanes execute them."""

    async def act(connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        pending = [
            PendingWrite(each, await read_extra(connection, each), loop.create_future(), 0)
            for each in sorted(requests, key=lambda each: each.stream)
        ]
        await execute_batch(connection, pending, autocommit=False)
        for each in pending:
            if each.future.done():
                each.future.exception()

    return act


def incident_requests(world: World, bridge: Bridge) -> dict[str, Callable[[], Any]]:
    """Requests that are accepted: some of each aggregate, and each that writes other rows as
    well."""
    root, company = world.root, f"clientcompanies/{world.company}"
    # Made now: while requests are captured nothing is stored.
    assert world.second_agency
    assert world.resident
    assert world.center
    first, second = (open_ticket(root, in_patrimony(world.patrimony)) for _ in range(2))
    for ticket in (first, second):
        assign(root, ticket, bridge.contact)
    lot = root.created("lots", "ReferenceLot", **lot_fields(world.patrimony))
    guardian = root.created("patrimonycontacts", "ReferencePatrimonyContact", **guardian_of(world))
    close = {"stillOnSite": "No", "closingDate": LATER}
    artisan = {"phones": ["02"], "fax": [], "emails": []}
    return {
        "open ticket": lambda: root.send("POST", "tickets", opening(in_patrimony(world.patrimony))),
        "assign": lambda: root.patch(
            f"tickets/{first}", "IdentifyAssignee", assignee=contact(bridge.contact), date=LATER
        ),
        "close": lambda: root.patch(f"tickets/{first}", "CloseTicket", **close),
        "close other": lambda: root.patch(f"tickets/{second}", "CloseTicket", **close),
        "rename agency": lambda: root.patch(
            f"{company}/agencies/{world.agency}", "UpdateAgency", updatedDate=DAY,
            agency={"name": "Nouvelle", "phones": [], "emails": []},
        ),
        "rename company": lambda: root.patch(
            company, "UpdateClientAccount", updatedDate=DAY, name="Neuve"
        ),
        "rename patrimony": lambda: root.patch(
            f"patrimonies/{world.patrimony}", "UpdatePatrimony", ref="R", label="Après", comment=""
        ),
        "move patrimony": lambda: root.patch(
            f"patrimonies/{world.patrimony}", "AssociatePatrimonyInAgency",
            agencyUid=world.second_agency,
        ),
        "rename artisan": lambda: root.patch(
            f"providercontacts/{bridge.contact}", "UpdateProviderContact", date=LATER,
            name="Nouvel artisan", **artisan,
        ),
        "reference lot": lambda: root.post("lots", "ReferenceLot", **lot_fields(world.patrimony)),
        "remove lot": lambda: root.patch(f"lots/{lot}", "DeleteLot"),
        "link guardian": lambda: root.patch(
            f"patrimonycontacts/{guardian}", "LinkPatrimonyContactWithUser",
            userUid=world.resident.uid,
        ),
        "reference operator": lambda: root.post(
            "operators", "ReferenceOperator", callCenterUid=world.center, lastName="Seul"
        ),
        "reference provider": lambda: root.post(
            "providercompanies", "ReferenceProviderCompany", name="Plomb", siretNumber=SIRET
        ),
        "reference user": lambda: root.send("POST", "users", of_kind(world, "Executive")),
    }  # fmt: skip


def lot_fields(patrimony: str) -> dict[str, Any]:
    return {
        "ref": f"L-{uuid4()}", "lotNumber": f"N-{uuid4()}", "patrimonyUid": patrimony,
        "usage": "Apartment",
        "addresses": [{"street": "rue Haute", "zipCode": "69001", "city": "Lyon"}],
    }  # fmt: skip


def guardian_of(world: World) -> dict[str, Any]:
    link = {"linkType": "LinkToPatrimonyAsCareTaker", "patrimonyUid": world.patrimony}
    return {
        "name": {"nameType": "PoorName", "value": "Gardien"},
        "contacts": [{"contactMediumType": "Phone", "phone": "0611"}],
        "linkedWithEntities": [link],
    }


def partner_requests(partner: Partner) -> dict[str, Callable[[], Any]]:
    accepted(partner.customer(client_id="c1"))
    accepted(partner.customer(client_id="c2"))
    return {
        "lead": lambda: partner.lead(client_id="l1"),
        "activate": lambda: partner.customer(client_id="c3"),
        "refresh": lambda: partner.customer(client_id="c1", city="Lyon"),
        "offer": lambda: partner.post("/v1/customers/c1/offer", {"months": 2, "reason": "geste"}),
        "offer other": lambda: partner.post("/v1/customers/c2/offer", {"months": 1}),
    }


def captured(sends: dict[str, Callable[[], Any]]) -> dict[str, WriteRequest]:
    """The write request of each."""
    found: dict[str, WriteRequest] = {}
    for name, send in sends.items():
        requests: list[WriteRequest] = []
        with capturing(requests):
            answer = send()
        assert len(requests) == 1, (name, answer.text)
        found[name] = requests[0]
    return found


def of_reactions(bridge: Bridge) -> dict[str, WriteRequest]:
    """That of an urgent service call, which opens a ticket."""
    bridge.call()
    requests: list[WriteRequest] = []

    async def react() -> None:
        state = bridge.world.http.app.state  # type: ignore[attr-defined]
        context = Means(state.pool, state.writer, ZoneInfo("Europe/Paris"))
        async with state.pool.connection() as connection:
            events = await read_after(connection, START, limit=1000, categories=["ServiceCall"])
        with pytest.raises(Captured):
            await calls.open_ticket(context, events[-1], SafeUUID(str(uuid4())))

    assert bridge.world.http.portal is not None
    with capturing(requests):
        bridge.world.http.portal.call(react)
    return {"reaction opens ticket": requests[0]}


def propose(database: str, client_id: str) -> int:
    with psycopg.connect(database, autocommit=True) as connection:
        return int(
            connection.execute(
                "INSERT INTO partner_proposal (partner, client_id, kind, source, reason, details)"
                " VALUES (%s, %s, 'terminate', 'billing', '2026-10', '{}') RETURNING id",
                [CODE, client_id],
            ).fetchall()[0][0]
        )


def other_transactions(
    bridge: Bridge, call: int, proposals: Sequence[int], token: str, offer: WriteRequest
) -> dict[str, Act]:
    """What follows events, what operators do, what rebuilds."""
    world, first = bridge.world, proposals[0]

    async def approve(connection: Connection) -> None:
        # The command runs on another connection; here on this one, which is stricter.
        async with connection.transaction():
            await decision._open(connection, first)
            await single(offer)(connection)
            await connection.execute(
                "UPDATE partner_proposal SET state = 'approved' WHERE id = %s", [first]
            )

    async def read_return(connection: Connection) -> None:
        file = payments.ReturnFile(CODE, Month(2026, 10), "", TODAY)
        lines = [Return(n, client, "paid", "") for n, client in enumerate(("c2", "c1"))]
        async with connection.transaction():
            await payments._save(connection, file, lines)
            await payments._withdraw_proposals(connection, file, ["c2", "c1"])
            await connection.execute(
                payments._SQL["propose_terminations"], payments._keys(file, ["c1"])
            )

    async def follow(connection: Connection) -> None:
        await connection.execute(
            "SELECT FROM rentals.service_call WHERE id = %s FOR NO KEY UPDATE", [call]
        )
        await change(connection, SERVICE_CALL, call, {"status": "A"}, today=TODAY)

    rebuilt = ("patrimony", "company", "lot", "patrimony_contact", "provider_contact")
    categories = [each for each in CATEGORIES if each in rebuilt]
    return {
        "sum up": sum_up,
        "propagate name": lambda c: propagate_name(c, column="agencies", uid=world.agency),
        "rebuild tickets": lambda c: _rebuild_batch(c, 0),
        **{
            f"rebuild {each}": lambda c, each=each: replay_category(c, each, _making(each))
            for each in categories
        },
        "rebuild customers": lambda c: replay_category(c, CATEGORY, _make),
        "follow ticket": follow,
        "patch call": lambda c: change(c, SERVICE_CALL, call, {"subject": "x"}, today=TODAY),
        "bill": lambda c: _compute(c, CODE, Month(2026, 10)),
        "read return": read_return,
        "approve": approve,
        "reject": lambda c: decision.reject_proposal(c, first, actor="operator"),
        "reject other": lambda c: decision.reject_proposal(c, proposals[1], actor="operator"),
        "rotate token": lambda c: rotate_token(c, CODE, overlap=timedelta(hours=1)),
        "revoke token": lambda c: revoke_tokens(c, CODE, token[-4:]),
        "rename partner": lambda c: set_source(c, CODE, "Nouveau"),
        "disable partner": lambda c: set_disabled(c, CODE, True),
    }


def test_no_two_transactions_wait_for_each_other(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "ATTEMPTS", 1)
    with running(database, tmp_path, partners_plain_http="allow") as http:
        bridge = Bridge(World(http, database))
        token = add(database, CODE, "Foussier")
        requests = captured(incident_requests(bridge.world, bridge))
        requests |= captured(partner_requests(Partner(http, CODE, token)))
        requests |= of_reactions(bridge)
        ((call,),) = bridge.rows("SELECT max(id) FROM rentals.service_call")
    proposals = [propose(database, client) for client in ("c1", "c2")]
    together = defaultdict[tuple[str, str], dict[str, WriteRequest]](dict)
    for request in requests.values():
        if request.afterwards is None and not request.reading.columns:
            together[request.category, request.column][request.stream] = request
    acts = {name: single(request) for name, request in requests.items()}
    acts |= {
        f"batch of {category}": batch([*each.values()]) for (category, _), each in together.items()
    }
    acts |= other_transactions(bridge, call, proposals, token, requests["offer"])
    assert {each.category for each in requests.values()} == {*CATEGORIES, CATEGORY}
    asyncio.run(all_meet(database, acts))
