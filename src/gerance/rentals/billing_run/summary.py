"""What a billing run did, added up by division."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

import msgspec

from gerance.kernel.db import Connection

_ZERO = Decimal("0.00")


class Charged(NamedTuple):
    """A charge, as far as sums need it."""

    tenant_id: int
    company_no: int
    division_no: int
    kind: str
    amount: Decimal


class Stepped(NamedTuple):
    """A price change that fell due."""

    tenant_id: int
    company_no: int
    division_no: int


class DivisionBilled(msgspec.Struct, rename="pascal"):
    """What was billed in a division. `tenants`: those that were charged something or whose rent
    changed; amounts are in the division's currency, `rebates` is zero or less."""

    company_no: int
    division_no: int
    name: str
    currency: str
    tenants: int
    price_changes: int
    charges: int
    rent: float
    services: float
    rebates: float
    parkings: float
    storages: float
    total: float


class NotBilled(msgspec.Struct, rename="pascal"):
    """A tenant that could not be billed, and why."""

    tenant_id: int
    reason: str


class Billed(msgspec.Struct, rename="pascal", kw_only=True):
    """What a run did, or would do (`dry_run`).

    `tenants`: as many were looked at; `divisions`: those with something to bill; `not_billed`:
    tenants that were left out; `complete`: whether all tenants were looked at, else `next` is the
    Id of the last one that was, after which to go on.
    """

    period: str
    dry_run: bool
    complete: bool = True
    next: int | None = None
    tenants: int = 0
    divisions: list[DivisionBilled] = []
    not_billed: list[NotBilled] = []


_KINDS = {"R": "rent", "S": "services", "K": "parkings", "G": "storages"}


class Sums:
    """The sums of a run on its way: as much memory as there are divisions."""

    def __init__(self) -> None:
        self._divisions: dict[tuple[int, int], _Sums] = defaultdict(_Sums)

    def add(self, charges: Iterable[Charged], steps: Iterable[Stepped]) -> None:
        """Add what was billed to tenants that were not counted yet."""
        tenants = set[tuple[int, int, int]]()
        for charge in charges:
            sums = self._divisions[charge.company_no, charge.division_no]
            rebate = charge.kind == "S" and charge.amount < 0
            sums.amounts["rebates" if rebate else _KINDS[charge.kind]] += charge.amount
            sums.charges += 1
            tenants.add((charge.tenant_id, charge.company_no, charge.division_no))
        for step in steps:
            self._divisions[step.company_no, step.division_no].steps += 1
            tenants.add(step)
        for _, company_no, division_no in tenants:
            self._divisions[company_no, division_no].tenants += 1

    async def by_division(self, connection: Connection) -> list[DivisionBilled]:
        """The sums of each division in which something was billed, in the order of their
        numbers."""
        rows = await connection.execute(
            "SELECT company_no, division_no, name, currency FROM rentals.ledger_division"
            " ORDER BY company_no, division_no"
        )
        return [
            self._divisions[company_no, division_no].summarize(
                company_no, division_no, name, currency
            )
            for company_no, division_no, name, currency in await rows.fetchall()
            if (company_no, division_no) in self._divisions
        ]


class _Sums:
    """The sums of one division."""

    def __init__(self) -> None:
        self.tenants = self.charges = self.steps = 0
        self.amounts = dict.fromkeys(("rent", "services", "rebates", "parkings", "storages"), _ZERO)

    def summarize(
        self, company_no: int, division_no: int, name: str, currency: str
    ) -> DivisionBilled:
        """As the answer has it: cents are exact in it up to a million millions."""
        return DivisionBilled(
            company_no=company_no,
            division_no=division_no,
            name=name,
            currency=currency,
            tenants=self.tenants,
            price_changes=self.steps,
            charges=self.charges,
            total=float(sum(self.amounts.values())),
            **{kind: float(amount) for kind, amount in self.amounts.items()},
        )
