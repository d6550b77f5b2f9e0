"""What the installation of these tests has: its users, a partner with clients, two endpoints."""

import asyncio
from pathlib import Path
from typing import NamedTuple

import psycopg
from tests.kernel.webhooks.engine import engine
from tests.living import on
from tests.partners.calling import Partner, accepted, add, serving
from tests.receiving import receiving

from gerance.kernel.identity.accounts import add_user

PASSWORD = "une longue phrase de passe"
COMPANY = "0172949e-cf61-5a19-a7d1-640f133dcb21"
PARTNER = "FOUSSIER"
SENDER = "jeanne@foussier.example"

CLIENTS: dict[str, dict[str, str | None]] = {
    "54d8b0fad5922248bf2f": {
        "firstname": "Thierry", "lastname": "Lhermitte", "email": "thierry@lhermitte.example",
        "phone_number1": "01 99 00 12 34", "address1": "12 rue des Bleuets", "zipcode": "75011",
        "city": "Paris",
    },
    "9c1f0e77ab3440d2a6b1": {
        "firstname": "Nadia", "lastname": "Benali", "email": "nadia@benali.example",
        "phone_number1": "01 99 00 56 78", "company_name": "Menuiserie <b>Benali</b> & Fils",
        "address1": "3 allée des Érables", "zipcode": "69003", "city": "Lyon",
    },
}  # fmt: skip
THIERRY, NADIA = CLIENTS


class World(NamedTuple):
    """`operators`: logins of super users; `endpoint`: one that fails, `quiet`: one that works."""

    endpoint: str
    quiet: str


OPERATOR, COLLEAGUE = "chef@gerance.example", "adjoint@gerance.example"
KINDS = {
    "callCenterUser": "centre@gerance.example",
    "clientAccountManager": "gestion@gerance.example",
    "executive": "agence@gerance.example",
    "patrimonyManager": "immeuble@gerance.example",
    "patrimonyUser": "occupant@gerance.example",
}


def fill(database: str, home: Path) -> World:
    """Make all of it in an empty database."""
    with serving(database, home) as http:
        token = add(database, PARTNER, "Foussier")
        partner = Partner(http, PARTNER, token)
        for client_id, described in CLIENTS.items():
            accepted(partner.customer(client_id=client_id, **described))
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE partner SET mail_senders = %s", [[SENDER]])
    for login in (OPERATOR, COLLEAGUE):
        add_account(database, login, "superUser", None)
    for kind, login in KINDS.items():
        add_account(database, login, kind, COMPANY)
    return asyncio.run(_deliveries(database))


def add_account(database: str, login: str, kind: str, company: str | None) -> None:
    """A user with the password of these tests."""
    on(
        database,
        lambda connection: add_user(
            connection, kind=kind, login=login, password=PASSWORD, first_name="Camille",
            last_name="Moreau", company_uid=company,
        ),
    )  # fmt: skip


async def _deliveries(database: str) -> World:
    """An endpoint that took two events and failed with a third, and one that took all."""
    async with engine(database) as it, receiving() as receiver, receiving() as other:
        failing = await it.endpoint(f"{receiver.url}hooks/{'long-' * 20}?<b>")
        for _ in range(2):
            await it.happen()
        await it.deliver()
        receiver.answer = lambda received: 503
        await it.happen("Failing")
        await it.deliver()
        quiet = await it.endpoint(other.url)
        return World(failing, quiet)
