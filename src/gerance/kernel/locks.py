"""All advisory locks, and the order in which transactions take locks.

Transactions that take the same locks in the same order cannot deadlock. Every transaction takes its
locks in the order of `ORDER`; within a class, rows are locked in the order that the class states. A
lock that is taken out of order is never waited for (`SKIP LOCKED`, `pg_try_...`). PostgreSQL also
takes locks of its own, for foreign keys and unique indexes; a deadlock because of these is retried
(`kernel.transactions`).

The lock of the migrations is in `gerance.migrations`, which does not import the kernel. Keys of
advisory locks never change, so processes of two releases that run at the same time exclude each
other.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

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
        "advisory: changes of the endpoints or subscriptions of one owner, mail of a partner",
    ),
    LockClass("turns", "one", "advisory, and nothing else: a throttled log-in"),
    LockClass(
        "idempotency keys",
        "its own; expired ones with SKIP LOCKED",
        "requests that create rentals, before anything else",
    ),
    LockClass(
        "rentals rows",
        "what the row belongs to for good (Rules.owners), the row that is written, what it refers"
        " to (units that a tenant leaves and enters by id); then the owners of derived columns in"
        " the order of DERIVATIONS in rentals.model.rules (tenants before units, buildings,"
        " invoices), by id; then the derived rows, transactions of a tenant only under that"
        " tenant's lock. Who deletes a row waits for none that refers to it: one that is there"
        " refuses the deletion",
        "the unit of work of rentals, a billing run, the daily job, reactions; batches of changes"
        " with SKIP LOCKED, by id",
    ),
    LockClass(
        "the day",
        "one",
        "advisory, shared, among rentals rows: transactions that derive as of a day; exclusive, and"
        " nothing else: the job that begins the next day. PostgreSQL reorders its queue where a"
        " shared request would deadlock with the job",
    ),
    LockClass(
        "numbers",
        "one",
        "advisory, among rentals rows: transactions that assign the next number of a table, after"
        " they have locked what the row refers to",
    ),
    LockClass(
        "proposals",
        "one, for as long as it is decided; those of a returned file in one statement",
        "operators that approve (the command then locks its stream) or reject; returned files",
    ),
    LockClass(
        "streams",
        "by uid: first the aggregate's, then those of tickets that show its name; in rentals under"
        " the lock of their row",
        "the writer of the log, rebuilding of read models, the unit of work of rentals. The"
        " reaction that opens a ticket locks the ticket's new stream, which no other transaction"
        " can have, before the row of its service call",
    ),
    LockClass(
        "partners",
        "one, with its tokens and brands after it",
        "operators that change a partner; commands, for the foreign key of a new customer",
    ),
    LockClass("set versions", "by name", "changes of an entity set, after their own rows"),
    LockClass(
        "endpoints",
        "by uid, with their subscriptions after them",
        "owners and operators that change endpoints; recording, for endpoints that fail or recover;"
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
    """The key of an advisory lock. `wide`: 64 bits, for classes with many keys."""

    name: str
    wide: bool = False

    @property
    def sql(self) -> str:
        """SQL: the number, with `%(name)s` for the name."""
        return "hashtextextended(%(name)s, 0)" if self.wide else "hashtext(%(name)s)"


OUTBOX = Key("outbox")
"""Shared: rows of the outbox are recorded, given up or moved; exclusive: they are parked.

A row is parked behind an earlier row of its stream; recording deletes that row and makes the next
one ready. At the same time, a row could be parked behind a row that is already deleted.
"""
RENTALS_DAY = Key("rentals day")
RENTALS_EFFECTIVE_DAY = Key("rentals begun")
BILLING_RUN = Key("billing run")
TALLY = Key("tally")
REACTIONS_LOCK = Key("reactions")


def endpoints_of(flavour: str, owner: str) -> Key:
    """Held while an endpoint of the owner is added, because their number is limited."""
    return Key(f"endpoints of {flavour} {owner}")


def subscriptions_of(flavour: str, owner: str) -> Key:
    """Held while subscriptions move between endpoints of the owner."""
    return Key(f"subscriptions of {flavour} {owner}")


def mail_of(partner: str) -> Key:
    """Held while a message of the partner becomes a proposal."""
    return Key(f"mail of {partner}", wide=True)


def turns_of(login: str, network: str) -> Key:
    """Held by a throttled log-in."""
    return Key(f"turns of {network} {login}", wide=True)


def files_of(what: str) -> Key:
    """Held while these files of a partner are written or read."""
    return Key(what, wide=True)


def numbers_sql(source: str, column: str, per: Sequence[str]) -> str:
    """SQL: the name of the lock (a wide one) of a transaction that gives a row the next number of a
    table's column, among the rows that have the same values in `per`, which is SQL too."""
    return f"'{source} {column} [' || concat_ws(', ', {', '.join(per)}) || ']'"


def hold_sql(name: str, *, wide: bool = False, share: bool = False) -> str:
    """SQL, a scalar that waits for the lock of that name (SQL) and takes it until the end of the
    transaction."""
    key = f"hashtextextended({name}, 0)" if wide else f"hashtext({name})"
    return f"pg_advisory_xact_lock{'_shared' if share else ''}({key})"


async def hold(connection: Connection, key: Key, *, share: bool = False) -> None:
    """Take a lock until the end of the transaction; wait for it if necessary."""
    suffix = "_shared" if share else ""
    await connection.execute(f"SELECT pg_advisory_xact_lock{suffix}({key.sql})", {"name": key.name})


async def try_hold(connection: Connection, key: Key) -> bool:
    """Take a lock until the end of the transaction, unless another process has it. Returns whether
    it was taken."""
    rows = await connection.execute(
        f"SELECT pg_try_advisory_xact_lock({key.sql})", {"name": key.name}
    )
    return bool((await rows.fetchall())[0][0])


@asynccontextmanager
async def session_lock(connection: Connection, key: Key) -> AsyncIterator[None]:
    """Within the block, hold a lock of the session; wait for it if necessary."""
    await connection.execute(f"SELECT pg_advisory_lock({key.sql})", {"name": key.name})
    try:
        yield
    finally:
        await _release(connection, key)


@asynccontextmanager
async def session_lock_if_free(connection: Connection, key: Key) -> AsyncIterator[bool]:
    """Within the block, hold a lock of the session, unless another process has it; gives whether
    it is held."""
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
