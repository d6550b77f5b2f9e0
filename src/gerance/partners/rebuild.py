"""Rebuild of the read models of partners while servers run.

Each lead and customer is replayed from the log, with its reported payments. Partners, campaigns,
billing files and proposals stay as they are: they are not in events.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg

from gerance.kernel.db import Connection
from gerance.kernel.log.replay import Logged, StreamRebuild, replay_category
from gerance.kernel.log.writer import Projection
from gerance.kernel.textarray import register
from gerance.kernel.wire import SafeUUID, decode_own, encode
from gerance.partners.billing_exchange import payment_history
from gerance.partners.lifecycle.events import PartnerCustomerEvent
from gerance.partners.lifecycle.evolve import evolve
from gerance.partners.lifecycle.state import Customer
from gerance.partners.lifecycle.views import rows
from gerance.partners.lifecycle.writer import CATEGORY

_EVENT: Any = PartnerCustomerEvent
_WHO = (("uid", "uuid"), ("partner", "text"), ("client_id", "text"))
_MAKE_ROOM = (
    "DELETE FROM partner_customer c USING {rows} r"
    " WHERE c.partner = r.partner AND c.client_id = r.client_id AND c.uid <> r.uid"
)


def rebuild(url: str) -> None:
    """Rebuild `partner_customer` and `partner_payment` of the migrated database at `url`.

    It can be interrupted and run again.
    """
    asyncio.run(_rebuild(url))


async def _rebuild(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(
        url, autocommit=True, prepare_threshold=None
    ) as connection:
        register(connection.adapters)
        await connection.execute("SET timezone = 'UTC'")
        await replay_category(connection, CATEGORY, _make)
        await _remove_strays(connection)


def _make(uid: SafeUUID, logged: Sequence[Logged], stored_state: str | None) -> StreamRebuild:
    """`kept` is never needed: every life begins in the log."""
    events: list[PartnerCustomerEvent] = [decode_own(_EVENT, each.data) for each in logged]
    customer: Customer | None = None
    for event in events:
        customer = evolve(customer, event)
    assert customer is not None
    who = {"uid": uid, "partner": customer.partner, "client_id": customer.client_id}
    return StreamRebuild(
        encode(customer),
        [
            # A row in the place of another one is rebuilt in its turn.
            Projection(_MAKE_ROOM, _WHO, [who]),
            *rows(customer, uid, events[-1].sentDate),
            payment_history.payments(events),
        ],
    )


async def _remove_strays(connection: Connection) -> None:
    await connection.execute(
        "DELETE FROM partner_customer c WHERE NOT EXISTS"
        " (SELECT FROM stream s WHERE s.category = %s AND s.uid = c.uid)",
        [CATEGORY],
    )
    await payment_history.remove_strays(connection)
