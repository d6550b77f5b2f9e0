"""Services, what tenants are billed and pay, and the statements of the ledgers."""

from gerance.kernel.odata.edm import RunningTotal
from gerance.rentals.declare.entity import (
    PLACE,
    boolean,
    choice,
    code,
    date,
    entity,
    identifier,
    integer,
    many,
    money,
    one,
    sorted_text,
    text,
)

TRANSACTION_KINDS = {
    "R": "rent",
    "S": "service",
    "K": "parking",
    "G": "storage",
    "P": "payment",
    "A": "adjustment",
}

SERVICE = entity(
    "Service",
    "Services",
    "Something that tenants may be billed beside their rent.",
    identifier("the service"),
    code("ServiceCode", 10, "The service's code.", required=True),
    sorted_text("Name", 80, "The name of the service.", required=True),
    money("DefaultAmount", "What it usually costs for a month."),
    boolean("Taxable", "Whether taxes are added."),
    boolean("Active", "Whether the service is in use."),
    unique=(("ServiceCode",),),
    navigations=(
        many("TenantServices", "TenantService", "ServiceId", "Who has it, when.", "Service"),
    ),
)

TENANT_SERVICE = entity(
    "TenantService",
    "TenantServices",
    "A service that a tenant is billed for, or a rebate, over a range of dates.",
    identifier("the tenant's service"),
    integer("TenantId", "The Id of the tenant.", required=True),
    integer("ServiceId", "The Id of the service.", required=True),
    money("Amount", "The amount for a month; a negative one is a rebate.", required=True),
    date("StartDate", "The first day.", required=True),
    date("EndDate", "The last day, null when it has no end."),
    text("Comment", 500, "What it was agreed for."),
    scope=PLACE,
    navigations=(
        one("Tenant", "Tenant", "TenantId", "The tenant.", "TenantServices"),
        one("Service", "Service", "ServiceId", "The service.", "TenantServices"),
    ),
)

TRANSACTION = entity(
    "Transaction",
    "Transactions",
    "A charge to a tenant, a payment or an adjustment.",
    identifier("the transaction"),
    integer("TenantId", "The Id of the tenant.", required=True),
    date("TransactionDate", "The day as of which it counts.", required=True),
    choice("Kind", "What it is.", TRANSACTION_KINDS, required=True),
    money("Amount", "What the tenant owes by it; payments are negative.", required=True),
    text("Description", 200, "What it is for."),
    text("Period", 7, "The month that is billed, as YYYY-MM.", computed=True),
    money(
        "BalanceAfter",
        "What the tenant owes with it and all before it, by date and Id.",
        nullable=False,
        computed=True,
    ),
    writes=frozenset({"create"}),
    scope=PLACE,
    navigations=(one("Tenant", "Tenant", "TenantId", "The tenant.", "Transactions"),),
    running=RunningTotal(
        property="BalanceAfter", group="tenant_id", order=("transaction_date", "id")
    ),
)

FINANCIAL_STATEMENT = entity(
    "FinancialStatement",
    "FinancialStatements",
    "An account of a division's ledger at the end of a month.",
    identifier("the line"),
    integer("CompanyNo", "The number of the company.", nullable=False, computed=True),
    integer("DivisionNo", "The number of the division.", nullable=False, computed=True),
    text("Period", 7, "The month, as YYYY-MM.", nullable=False, computed=True),
    code("AccountNo", 20, "The number of the account.", nullable=False, computed=True),
    sorted_text("AccountName", 80, "The name of the account.", nullable=False, computed=True),
    money("Debit", "What was debited in the month.", nullable=False, computed=True),
    money("Credit", "What was credited in the month.", nullable=False, computed=True),
    money("Balance", "Debit less credit.", nullable=False, computed=True),
    module="finance",
    writes=frozenset(),
    scope=PLACE,
)

TYPES = (SERVICE, TENANT_SERVICE, TRANSACTION, FINANCIAL_STATEMENT)
