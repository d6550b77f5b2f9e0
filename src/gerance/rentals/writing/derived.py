"""Properties that follow from other rows: kept whenever one of those is written, never computed
when somebody reads.

What follows from the row itself (an invoice's Total, a document's Size) is a generated column of
its table. What depends on the day (occupancy, the rent in effect, who is active) is as of the day
that `derive` was last told: `changing.renew` brings everything to a new one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from gerance.kernel.db import Connection
from gerance.kernel.odata.edm import EntityType
from gerance.rentals.billing.entity import TRANSACTION
from gerance.rentals.leasing.entity import TENANT
from gerance.rentals.property.entity import BUILDING, UNIT
from gerance.rentals.purchasing.entity import INVOICE
from gerance.rentals.writing.effective_day import latest


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """Columns of `entity` that follow from rows that belong to an entity of the type `owner`.

    `query`: for each row its id and these columns, as of the day `%(today)s`, for the owners that
    fulfil `{owners}`, a condition on the column `owned_by`; `touched_by`: the types whose rows it
    reads, and which column of theirs has the owner's id; `daily`: it depends on the day, and each
    row is its own owner.
    """

    entity: EntityType
    owner: EntityType
    columns: tuple[str, ...]
    query: str
    owned_by: str
    touched_by: Mapping[str, str]
    daily: bool = False

    def differing(self, condition: str) -> str:
        """SQL: the query as `d`, where the columns of the row `t` are not what it gives."""
        differs = " OR ".join(f"t.{column} IS DISTINCT FROM d.{column}" for column in self.columns)
        return f"({self.query.format(owners=condition)}) d WHERE t.id = d.id AND ({differs})"


DERIVATIONS = (
    Derivation(
        entity=TRANSACTION,
        owner=TENANT,
        columns=("balance_after",),
        query=(
            "SELECT x.id, sum(x.amount) OVER"
            " (PARTITION BY x.tenant_id ORDER BY x.transaction_date, x.id) AS balance_after"
            " FROM rentals.transaction x WHERE {owners}"
        ),
        owned_by="x.tenant_id",
        touched_by={"Transaction": "tenant_id"},
    ),
    Derivation(
        entity=TENANT,
        owner=TENANT,
        columns=("current_rent", "balance", "active"),
        query=(
            "SELECT l.id, coalesce(p.rent, l.rent) AS current_rent,"
            " (SELECT coalesce(sum(x.amount), 0) FROM rentals.transaction x"
            " WHERE x.tenant_id = l.id) AS balance,"
            " l.occupied_until >= %(today)s AS active"
            " FROM rentals.tenant l LEFT JOIN LATERAL (SELECT c.rent"
            " FROM rentals.lease_price_change c"
            " WHERE c.tenant_id = l.id AND c.effective_date <= %(today)s"
            " ORDER BY c.effective_date DESC LIMIT 1) p ON true WHERE {owners}"
        ),
        owned_by="l.id",
        touched_by={"Tenant": "id", "LeasePriceChange": "tenant_id", "Transaction": "tenant_id"},
        daily=True,
    ),
    Derivation(
        entity=UNIT,
        owner=UNIT,
        columns=("occupancy_status",),
        query=(
            "SELECT u.id, CASE WHEN NOT u.active OR EXISTS (SELECT FROM rentals.unavailable_unit n"
            " WHERE n.unit_id = u.id AND n.start_date <= %(today)s"
            " AND coalesce(n.end_date, 'infinity') >= %(today)s) THEN 'N'"
            " WHEN EXISTS (SELECT FROM rentals.tenant l WHERE l.unit_id = u.id"
            " AND l.lease_start_date <= %(today)s AND l.occupied_until >= %(today)s) THEN 'L'"
            " WHEN EXISTS (SELECT FROM rentals.tenant l WHERE l.unit_id = u.id"
            " AND l.lease_start_date > %(today)s) THEN 'R' ELSE 'V' END AS occupancy_status"
            " FROM rentals.unit u WHERE {owners}"
        ),
        owned_by="u.id",
        touched_by={"Unit": "id", "Tenant": "unit_id", "UnavailableUnit": "unit_id"},
        daily=True,
    ),
    Derivation(
        entity=BUILDING,
        owner=BUILDING,
        columns=("number_of_units",),
        query=(
            "SELECT b.id, (SELECT count(*) FROM rentals.unit u WHERE u.building_id = b.id)"
            " AS number_of_units FROM rentals.building b WHERE {owners}"
        ),
        owned_by="b.id",
        touched_by={"Unit": "building_id"},
    ),
    Derivation(
        entity=INVOICE,
        owner=INVOICE,
        columns=("subtotal",),
        query=(
            "SELECT i.id, (SELECT coalesce(sum(d.amount), 0) FROM rentals.invoice_detail d"
            " WHERE d.invoice_id = i.id) AS subtotal FROM rentals.invoice i WHERE {owners}"
        ),
        owned_by="i.id",
        touched_by={"InvoiceDetail": "invoice_id"},
    ),
)
"""In the order in which their owners are locked, so that no two writers wait for each other."""

Owners = Mapping[str, Sequence[int]]
"""Ids of those whose derived properties are to be made anew, by the name of their type."""

Changed = dict[str, tuple[EntityType, list[int]]]
"""What was changed, by the name of the type: the type, and the ids of its rows."""


async def derive(connection: Connection, today: date, owners: Owners | None = None) -> Changed:
    """Make the derived properties anew as of `today`, or of a later day that has begun since: those
    of `owners` or all.

    Answers the rows of which one was changed; their versions are left to `record_changed`. In a
    transaction: owners stay locked until its end, so that what is derived includes all that others
    who write beneath the same owner have committed.
    """
    changed: Changed = {}
    if owners is None or any(owners.values()):
        today = await latest(connection, today)
    for each in DERIVATIONS:
        ids = None if owners is None else sorted(owners.get(each.owner.name, ()))
        if ids == []:
            continue
        if ids is not None:
            await connection.execute(
                f"SELECT FROM {each.owner.source} WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
                [ids],
            )
        found = await _derive(connection, each, today, ids)
        if found:
            _, known = changed.setdefault(each.entity.name, (each.entity, []))
            known += found
    return changed


def owners_touched(entity: EntityType, *rows: Mapping[str, Any]) -> dict[str, list[int]]:
    """Whose derived properties depend on these rows of an entity type."""
    touched: dict[str, set[int]] = {}
    for each in DERIVATIONS:
        if (column := each.touched_by.get(entity.name)) is not None:
            found = {row[column] for row in rows}
            touched.setdefault(each.owner.name, set()).update(
                id_ for id_ in found if id_ is not None
            )
    return {name: sorted(ids) for name, ids in touched.items()}


async def outdated(connection: Connection, today: date) -> dict[str, list[int]]:
    """Those whose derived properties are not as of `today`, by the name of their type."""
    found: dict[str, list[int]] = {}
    for each in DERIVATIONS:
        if each.daily:
            rows = await connection.execute(
                f"SELECT t.id FROM {each.entity.source} t, {each.differing('true')}",
                {"today": today},
            )
            found[each.owner.name] = [id_ for (id_,) in await rows.fetchall()]
    return found


async def _derive(
    connection: Connection, each: Derivation, today: date, ids: list[int] | None
) -> list[int]:
    condition = "true" if ids is None else f"{each.owned_by} = ANY(%(ids)s)"
    assigned = ", ".join(f"{column} = d.{column}" for column in each.columns)
    rows = await connection.execute(
        f"UPDATE {each.entity.source} t SET {assigned} FROM {each.differing(condition)}"
        " RETURNING t.id",
        {"today": today, "ids": ids},
    )
    return sorted(id_ for (id_,) in await rows.fetchall())
