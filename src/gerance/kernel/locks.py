"""Every advisory lock, and the order in which transactions take locks.

Two transactions that take the same locks in the same order never wait for each other in a circle.
Every transaction of this product takes its locks in the order of `ORDER`; within a class, rows are
locked in the order that the class states. A lock that is taken out of turn is never waited for
(`SKIP LOCKED`, `pg_try_...`). What deadlocks all the same, because PostgreSQL takes locks of its
own for foreign keys and unique indexes, is retried (`kernel/transactions`).

The lock of the migrations is in `gerance.migrations`, which knows nothing of the kernel. Advisory
locks have keys that earlier releases know too: processes of two releases that run at the
same time exclude each other.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from gerance.kernel.db import Connection


class LockClass(NamedTuple):
    """A class of locks. `within`: the order of several of them in one transaction; `taken_by`: the
    transactions that take them."""

    name: str
    within: str
    taken_by: str


ORDER = (
    LockClass(
        "jobs",
        "one",
        "advisory, for a session, before any transaction: the migrations, the daily job, a billing"
        " run, a partner's files, the tally of tickets",
    ),
    LockClass(
        "owners",
        "one",
        "advisory: changes of the endpoints or subscriptions of one owner, a partner's mail",
    ),
    LockClass("turns", "one", "advisory, nothing else: a log-in that waits for its turn"),
    LockClass(
        "idempotency keys",
        "one's own; those that are over with SKIP LOCKED",
        "requests that create rentals, first of all",
    ),
    LockClass(
        "rentals rows",
        "what the row belongs to for good (Rules.owners), the row that is written, what it refers"
        " to (units that a tenant leaves and enters by id); then the owners of derived columns in"
        " the order of rentals.derived.DERIVATIONS (tenants before units, buildings, invoices), by"
        " id; then the derived rows, transactions of a tenant only under that tenant's lock. Who"
        " deletes a row waits for none that refers to it: one that is there refuses the deletion",
        "the unit of work of rentals, a billing run, the daily job, reactions",
    ),
    LockClass(
        "the day",
        "one",
        "advisory, shared, among rentals rows: whoever derives as of a day; exclusive, and nothing"
        " else: the job that begins the next one. Shared requests that would wait for the job in a"
        " circle are let through by PostgreSQL, which reorders its queue",
    ),
    LockClass(
        "numbers",
        "one",
        "advisory, among rentals rows: whoever gives the next number of a table, once it has what"
        " the row refers to, which says whose number it is",
    ),
    LockClass(
        "streams",
        "by uid; in rentals under the lock of their row",
        "the writer of the log, rebuilding of read models, the unit of work of rentals",
    ),
    LockClass("set versions", "by name", "whatever changes an entity set, last of its own rows"),
    LockClass(
        "endpoints",
        "by uid, with their subscriptions after them",
        "owners and operators that change endpoints; recording, for those that fail or recover;"
        " claiming, with SKIP LOCKED",
    ),
    LockClass(
        "recording",
        "one",
        "advisory, shared: recording, giving up, moving; exclusive, for at most 50 ms: parking",
    ),
    LockClass(
        "outbox rows",
        "those that are not parked by endpoint and position, then those that are",
        "recording, moving, giving up; claiming, parking, replaying and removing with SKIP LOCKED",
    ),
)
"""The classes of locks, in the order in which a transaction takes them."""


class Key(NamedTuple):
    """The key of an advisory lock. `wide`: of 64 bits, for those of which there are many."""

    name: str
    wide: bool = False

    @property
    def sql(self) -> str:
        """SQL: the number, with `%(name)s` for the name."""
        return "hashtextextended(%(name)s, 0)" if self.wide else "hashtext(%(name)s)"


OUTBOX = Key("outbox")
"""Shared: rows of the outbox are recorded, given up or moved; exclusive: they are parked.

Parking goes by what stands in front of a row; recording takes that away, and makes the row ready.
Were they to happen at the same time, a row could be parked behind one that is no more.
"""
RENTALS_DAY = Key("rentals day")
RENTALS_BEGUN = Key("rentals begun")
BILLING_RUN = Key("billing run")
TALLY = Key("tally")
REACTING = Key("reactions")


def endpoints_of(flavour: str, owner: str) -> Key:
    """Held by whoever adds an endpoint of the owner, because their number is limited."""
    return Key(f"endpoints of {flavour} {owner}")


def subscriptions_of(flavour: str, owner: str) -> Key:
    """Held by whoever changes which endpoint of the owner receives what."""
    return Key(f"subscriptions of {flavour} {owner}")


def mail_of(partner: str) -> Key:
    """Held by whoever turns a message of the partner into a proposal."""
    return Key(f"mail of {partner}", wide=True)


def turns_of(login: str, network: str) -> Key:
    """Held by the log-in that asks whether its turn has come."""
    return Key(f"turns of {network} {login}", wide=True)


def files_of(what: str) -> Key:
    """Held by whoever makes or takes in these files of a partner."""
    return Key(what, wide=True)


def numbers_of(source: str, column: str, per: Sequence[Any]) -> Key:
    """Held by whoever gives the next number of a table's column."""
    return Key(f"{source} {column} {list(per)}", wide=True)


async def hold(connection: Connection, key: Key, *, shared: bool = False) -> None:
    """Take a lock, waiting for it, until the end of the transaction."""
    suffix = "_shared" if shared else ""
    await connection.execute(f"SELECT pg_advisory_xact_lock{suffix}({key.sql})", {"name": key.name})


async def try_hold(connection: Connection, key: Key) -> bool:
    """Take a lock until the end of the transaction, unless another process has it; whether it is
    taken."""
    rows = await connection.execute(
        f"SELECT pg_try_advisory_xact_lock({key.sql})", {"name": key.name}
    )
    return bool((await rows.fetchall())[0][0])


@asynccontextmanager
async def held(connection: Connection, key: Key) -> AsyncIterator[None]:
    """Holds a lock outside any transaction, after waiting for it."""
    await connection.execute(f"SELECT pg_advisory_lock({key.sql})", {"name": key.name})
    try:
        yield
    finally:
        await _release(connection, key)


@asynccontextmanager
async def held_if_free(connection: Connection, key: Key) -> AsyncIterator[bool]:
    """Holds a lock outside any transaction, unless another process has it; whether it does."""
    rows = await connection.execute(f"SELECT pg_try_advisory_lock({key.sql})", {"name": key.name})
    if not (await rows.fetchall())[0][0]:
        yield False
        return
    try:
        yield True
    finally:
        await _release(connection, key)


async def _release(connection: Connection, key: Key) -> None:
    await connection.execute(f"SELECT pg_advisory_unlock({key.sql})", {"name": key.name})
