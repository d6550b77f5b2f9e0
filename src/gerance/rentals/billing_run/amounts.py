"""What tenants owe for a month, as SQL over some of them (`%(ids)s`).

An amount is one for a whole month. Of a month that is not whole it is that share of it which its
days have: amount x days / days of the month, to the cent, half a cent away from zero. Days are
those of the month which lie in the tenancy (from LeaseStartDate until the tenant no longer keeps
its unit) and in the range of what is charged for. A rent that changes within the month is the sum
of its parts, rounded once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gerance.kernel.months import Month

ACTIVE = "t.lease_start_date <= %(last)s AND t.occupied_until >= %(first)s"
"""SQL: the tenant `t` is one on a day of the month."""

STEPS_DUE = (
    "SELECT c.id FROM rentals.lease_price_change c JOIN rentals.tenant t ON t.id = c.tenant_id"
    f" WHERE t.id = ANY(%(ids)s) AND {ACTIVE}"
    " AND c.effective_date <= %(last)s AND c.applied_at IS NULL"
)
"""SQL: the price changes that fall due until the end of the month and were not applied yet."""

_TENANTS = (
    "tenants AS (SELECT t.id, t.company_no, t.division_no, t.tenant_type, t.rent,"
    " coalesce(t.language, 'fr') = 'en' AS english,"
    " greatest(t.lease_start_date, %(first)s) AS since,"
    " least(t.occupied_until, %(last)s) AS until"
    f" FROM rentals.tenant t WHERE t.id = ANY(%(ids)s) AND {ACTIVE})"
)

# The rent of a dwelling or a commercial lease: its own from the beginning, each step from its day.
_RENTS = (
    "rents AS (SELECT id, rent, start,"
    " lead(start) OVER (PARTITION BY id ORDER BY start) - 1 AS until"
    " FROM (SELECT id, rent, '-infinity'::date AS start FROM tenants"
    " WHERE tenant_type IN ('D', 'C')"
    " UNION ALL SELECT t.id, c.rent, c.effective_date FROM tenants t"
    " JOIN rentals.lease_price_change c ON c.tenant_id = t.id"
    " WHERE t.tenant_type IN ('D', 'C') AND c.effective_date <= %(last)s) steps)"
)


def _place(kind: str, place: str, french: str, english: str) -> str:
    """SQL: the rentals of a parking or storage."""
    return (
        f"SELECT r.tenant_id, '{kind}', r.id, r.amount, r.start_date, r.occupied_until,"
        f" CASE WHEN t.english THEN '{english}' ELSE '{french}' END || ' ' || rtrim(p.{place}_code)"
        f" FROM tenants t JOIN rentals.tenant_{place} r ON r.tenant_id = t.id"
        f" JOIN rentals.{place} p ON p.id = r.{place}_id"
    )


# What is charged for: over which days which amount for a month.
_SOURCES = (
    "sources (tenant_id, kind, source_id, amount, start, until, label) AS ("
    "SELECT t.id, 'R', t.id, r.rent, r.start, coalesce(r.until, 'infinity'),"
    " CASE WHEN t.english THEN 'Rent' ELSE 'Loyer' END"
    " FROM tenants t JOIN rents r ON r.id = t.id"
    " UNION ALL SELECT s.tenant_id, 'S', s.id, s.amount, s.start_date,"
    " coalesce(s.end_date, 'infinity'), n.name"
    " FROM tenants t JOIN rentals.tenant_service s ON s.tenant_id = t.id"
    " JOIN rentals.service n ON n.id = s.service_id"
    f" UNION ALL {_place('K', 'parking', 'Stationnement', 'Parking')}"
    f" UNION ALL {_place('G', 'storage', 'Rangement', 'Storage')})"
)

_DAYS = "least(s.until, t.until) - greatest(s.start, t.since) + 1"

_CHARGES = (
    "charges AS (SELECT t.id AS tenant_id, t.company_no, t.division_no, s.kind, s.source_id,"
    " min(greatest(s.start, t.since)) AS since, s.label,"
    f" sum({_DAYS}) AS days, round(sum(s.amount * ({_DAYS})) / %(days)s, 2) AS amount"
    " FROM tenants t JOIN sources s ON s.tenant_id = t.id"
    f" WHERE {_DAYS} > 0 GROUP BY t.id, t.company_no, t.division_no, s.kind, s.source_id, s.label)"
)

DUE = (
    f"WITH {_TENANTS}, {_RENTS}, {_SOURCES}, {_CHARGES}"
    " SELECT c.tenant_id, c.since AS transaction_date, c.kind, c.amount,"
    " c.label || ' ' || %(period)s || CASE WHEN c.days < %(days)s"
    " THEN ' (' || c.days || '/' || %(days)s || ')' ELSE '' END AS description,"
    " %(period)s AS period, c.company_no, c.division_no, c.source_id FROM charges c"
    " WHERE c.amount <> 0 AND NOT EXISTS (SELECT FROM rentals.transaction x"
    " WHERE x.tenant_id = c.tenant_id AND x.period = %(period)s AND x.kind = c.kind"
    " AND (x.source_id = c.source_id OR x.source_id IS NULL))"
    " ORDER BY c.tenant_id, c.kind <> 'R', c.kind, c.source_id"
)
"""SQL: the charges of the month that were not made yet, by `COLUMNS_DUE`.

Nothing is charged beside a charge of the same kind and month that came from elsewhere (it has no
source): that was billed by who kept the books before.
"""


COLUMNS_DUE = (
    "tenant_id", "transaction_date", "kind", "amount", "description", "period", "company_no",
    "division_no", "source_id",
)  # fmt: skip
"""The columns of a transaction that `DUE` gives."""


def about(period: Month, ids: Sequence[int]) -> Mapping[str, Any]:
    """The parameters of these statements for a month and some tenants."""
    first, last = period.first_day, period.last_day
    return {
        "first": first,
        "last": last,
        "days": last.day,
        "period": str(period),
        "ids": list(ids),
    }
