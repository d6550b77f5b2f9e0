"""Every advisory lock, and the order in which transactions take locks.

Two transactions that take the same locks in the same order never wait for each other in a circle.
Every transaction of this product takes its locks in the order of `ORDER`; within a class, rows are
locked in the order that the class states. A lock that is taken out of turn is never waited for
(`SKIP LOCKED`, `pg_try_...`). What deadlocks all the same, because PostgreSQL takes locks of its
own for foreign keys and unique indexes, is retried (`kernel/transactions`).

Advisory locks have keys that earlier releases know too: processes of two releases that run at the
same time exclude each other.
"""

from typing import NamedTuple


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
    LockClass(
        "rentals rows",
        "the row that is written, then the owners of derived columns in the order of"
        " rentals.derived.DERIVATIONS (tenants before units, buildings, invoices), by id; then the"
        " derived rows, transactions of a tenant only under that tenant's lock",
        "the unit of work of rentals, a billing run, the daily job, reactions",
    ),
    LockClass(
        "the day",
        "one",
        "advisory, shared: whoever derives as of a day; exclusive and alone: the job that begins"
        " the next one",
    ),
    LockClass(
        "streams",
        "by uid",
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

RECORDING = "SELECT pg_advisory_xact_lock_shared(hashtext('outbox'))"
PARKING = "SELECT pg_advisory_xact_lock(hashtext('outbox'))"
"""SQL, before the statement that needs it: nothing is parked while somebody records.

Parking goes by what stands in front of a row; recording takes that away, and makes the row ready.
Were they to happen at the same time, a row could be parked behind one that is no more.
"""
