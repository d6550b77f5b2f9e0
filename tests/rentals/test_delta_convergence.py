"""A replica that is kept by delta links alone has, in the end, what its source has.

Why no change is lost, whatever order transactions commit in:

- A link holds the oldest transaction that ran when a snapshot was taken (xmin), and the rows are
  read by a later statement. A change that these rows lack was not committed at the snapshot. So its
  transaction has that number or a higher one, and the next answer reads its events.
- The events of a change are written by the transaction that writes the row. One is visible exactly
  when the other is. Positions and versions are assigned before the commit, and are not used here.
- An answer looks up each entity as it is now, so an event that is read twice does no harm. All
  pages of an answer lead to the moment before the first page.
- Answers with a delta link are never cached.

The log also decides whether a principal could see a row that is gone. It has no place of a closing
or of a price change, so it takes that of the unit or the tenant (`_in_reach`). This holds as long
as the copy of a place is that of its owner. The writers here once moved units without the copies,
which no rule allows: then one in six runs kept a row too many. `test_model.py` now requires that
the place of every owner is fixed.
"""

from collections.abc import Mapping, Sequence

import psycopg
from tests.rentals.disturbing import Writers
from tests.rentals.disturbing_leases import LeaseWriters
from tests.rentals.following import Replica, opened

Question = tuple[str, int | None, Mapping[str, str]]

LIMITED = {"X-Access": "one division"}
FIRST_RELEASE = {"OData-MaxVersion": "4.0"}
DEEP = "Units($expand=UnavailableUnits($select=Id,Reason);$orderby=BaseRent desc;$select=Id,Floor)"
FEW = "Units($filter=Floor gt 2;$top=3;$orderby=BaseRent,Id;$count=true;$select=Id)"

QUESTIONS = (
    ("Units", None, FIRST_RELEASE),
    ("Units?$filter=Floor gt 3 and contains(UnitCode,'1')&$select=Id,Floor", 5, FIRST_RELEASE),
    ("Units?$filter=Floor gt 2", 7, LIMITED),
    (f"Buildings?$expand={DEEP}&$select=Id,Name", 4, {}),
    (f"Buildings?$filter=NumberOfUnits gt 9&$expand={FEW}", 3, LIMITED),
    ("Units?$filter=Building/City eq 'Ici'&$expand=Building($select=Name,City)", 60, {}),
    ("Units?$filter=UnavailableUnits/any(u:u/Reason eq 'Lyon')&$select=Id,OccupancyStatus", 25, {}),
    ("Buildings?$filter=Units/any(u:u/UnavailableUnits/$count gt 1)&$select=Id", 2, {}),
    ("UnavailableUnits?$expand=Unit($expand=Building($select=Name);$select=Floor)", 10, {}),
    ("LedgerDivisions?$expand=Buildings($expand=Units/$count;$select=Name)", 1, {}),
    ("UnavailableUnits?$filter=Unit/Building/City ne 'Ici'&$select=Id,UnitId", 8, LIMITED),
)


LEASES = (
    ("Tenants?$select=Id,LastName,UnitId,CurrentRent,Balance,Active,DepartureDate", 40, {}),
    ("Tenants?$filter=Balance gt 900 and Active&$select=Id,Balance", 50, LIMITED),
    ("Transactions?$filter=TransactionDate ge 2026-10-01&$select=Id,BalanceAfter", 60, {}),
    ("Transactions?$filter=BalanceAfter lt 500&$select=Id,Amount", None, LIMITED),
    ("Units?$filter=OccupancyStatus eq 'V'&$expand=Tenants($select=Id,Active)&$select=Id", 30, {}),
    ("Tenants?$filter=LeasePriceChanges/any(c:c/Rent gt 700)&$select=Id,CurrentRent", 20, LIMITED),
    ("LeasePriceChanges?$select=Id,Rent,AppliedAt&$expand=Tenant($select=CurrentRent)", 9, LIMITED),
    ("TenantParkings?$filter=Tenant/Active&$expand=Parking($select=ParkingCode)", 15, {}),
    ("TenantParkings?$select=Id,Amount", 3, LIMITED),
    ("Invoices?$filter=Subtotal gt 150&$expand=InvoiceDetails($select=LineNo,Amount)", 5, LIMITED),
    ("InvoiceDetails?$expand=Invoice($select=Subtotal)&$select=Id,Amount", None, LIMITED),
)


def test_replicas_under_concurrent_writes_converge(estate: str) -> None:
    """Buildings, units and their closings, which move between what some principals may see."""
    _converge(estate, QUESTIONS, Writers, count=6, transactions=45)


def test_replicas_of_leases_converge_under_a_billing_run_and_the_daily_job(estate: str) -> None:
    """Derived columns, running totals, deletions, deep inserts, batches of a billing run and of a
    daily job, all by the rules."""
    _converge(estate, LEASES, LeaseWriters, count=4, transactions=15)


def _converge(
    url: str, questions: Sequence[Question], kind: type[Writers], *, count: int, transactions: int
) -> None:
    # Buildings of several divisions: units move in and out of what some may see.
    with psycopg.connect(url) as connection:
        query = (
            "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY company_no, division_no"
            " ORDER BY id) AS place FROM rentals.building) b WHERE place <= 2"
        )
        buildings = [building for (building,) in connection.execute(query).fetchall()]
    with opened(url) as http:
        replicas = [Replica(http, *question) for question in questions]
        entries = dict.fromkeys(range(len(replicas)), 0)
        with kind(url, count=count, transactions=transactions, buildings=buildings) as writers:
            for replica in replicas:
                replica.load()
            while writers.busy:
                for nth, replica in enumerate(replicas):
                    entries[nth] += len(replica.follow())
                if min(writers.committed, writers.undone) > count and min(entries.values()) > 2:
                    writers.finish()
        writers.require_success()
        for replica in replicas:
            replica.follow()
            assert replica.entities == replica.fresh(), replica.question
            assert replica.follow() == []
