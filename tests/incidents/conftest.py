"""The application over a database of its own, and clients logged in as each kind of user."""

import asyncio
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pytest
from starlette.testclient import TestClient

from gerance.app import create_app
from gerance.kernel.identity.accounts import add_user, set_edition
from gerance.kernel.identity.sessions import open_session
from gerance.kernel.settings import Settings

DAY = "2026-01-15"
MOMENT = "2026-01-15T10:00:00.000+01:00"
SIRET = "73282932000074"
ADDRESS = {"number": "3", "street": "rue de l'Œuvre", "zipCode": "69001", "city": "Lyon"}


class User:
    """A logged-in user: sends commands, reads."""

    def __init__(self, http: TestClient, token: str, uid: str) -> None:
        self.http, self.uid = http, uid
        self._headers = {"Cookie": f"PI_SESSION={token}"}

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        answer = self.read(path, **query)
        assert answer.status_code == status, answer.text
        return answer.json()

    def listed(self, path: str, **query: Any) -> list[Any]:
        """The elements of a collection's first page."""
        answer = self.read(path, **query)
        assert answer.status_code in (200, 206), answer.text
        return list(answer.json()["result"])

    def read(self, path: str, **query: Any) -> httpx2.Response:
        return self.http.get(f"/api/v1/{path}", params=query, headers=self._headers)

    def send(self, method: str, path: str, body: Any, **headers: str) -> httpx2.Response:
        return self.http.request(
            method, f"/api/vEvent/{path}", json=body, headers={**self._headers, **headers}
        )

    def post(self, path: str, kind: str, **fields: Any) -> httpx2.Response:
        return self.send("POST", path, command(kind, **fields))

    def patch(self, path: str, kind: str, **fields: Any) -> httpx2.Response:
        return self.send("PATCH", path, command(kind, **fields))

    def created(self, path: str, kind: str, **fields: Any) -> str:
        """The uid of what the command creates."""
        answer = self.post(path, kind, **fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["events"][0]["aggregateUid"])

    def events(self, path: str, kind: str, **fields: Any) -> list[Any]:
        """The events of a PATCH that is accepted."""
        answer = self.patch(path, kind, **fields)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["events"])


def command(kind: str, **fields: Any) -> dict[str, Any]:
    """A command with a processUid of its own; what is None is left out."""
    given = {"processUid": str(uuid4()), "commandType": kind, **fields}
    return {name: value for name, value in given.items() if value is not None}


def refusal(answer: httpx2.Response, status: int = 400) -> str:
    """The code of a refused request."""
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert set(problem) == {"errorType", "message"}
    return str(problem["errorType"])


class World:
    """Two call centres. The first serves a holding with one subsidiary, and another account."""

    def __init__(self, http: TestClient, database: str) -> None:
        self.http, self.database = http, database

    def login(
        self,
        kind: str,
        company: str | None = None,
        agencies: tuple[str, ...] = (),
        patrimonies: tuple[str, ...] = (),
        *,
        edition: str = "2020",
        hidden_types: tuple[str, ...] = (),
    ) -> User:
        """A new user of that kind, logged in."""

        async def make() -> tuple[str, str]:
            async with await psycopg.AsyncConnection.connect(
                self.database, autocommit=True
            ) as connection:
                login = f"{kind}-{uuid4()}"
                uid = await add_user(
                    connection,
                    kind=kind,
                    login=login,
                    password="a password for tests",
                    first_name="Zoé",
                    last_name="Testeur",
                    company_uid=company,
                    agency_uids=agencies,
                    patrimony_uids=patrimonies,
                )
                await set_edition(connection, login, edition, hidden_types)
                return await open_session(connection, uid, lifetime=3600), uid

        return User(self.http, *asyncio.run(make()))

    def rows(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(query, params).fetchall()

    @cached_property
    def root(self) -> User:
        return self.login("superUser")

    @cached_property
    def center(self) -> str:
        return self.root.created(
            "clientcompanies", "CreateCallCenter", createdDate=DAY, name="Centre Nord"
        )

    @cached_property
    def other_center(self) -> str:
        return self.root.created(
            "clientcompanies", "CreateCallCenter", createdDate=DAY, name="Centre Sud"
        )

    @cached_property
    def holding(self) -> str:
        return self.root.created(
            "clientcompanies",
            "CreateClientAccountHolding",
            createdDate=DAY,
            name="Groupe Océan",
            callCenterReference=self.center,
        )

    @cached_property
    def company(self) -> str:
        """A subsidiary of the holding."""
        return self.account("Éole Immobilier", holdingReference=self.holding)

    @cached_property
    def other_company(self) -> str:
        """An account of the same call centre, without a holding."""
        return self.account("Foncia Test")

    @cached_property
    def far_company(self) -> str:
        """An account of the other call centre."""
        return self.account("Loin", callCenterReference=self.other_center)

    def account(self, name: str, **fields: Any) -> str:
        fields = {"callCenterReference": self.center, **fields}
        return self.root.created(
            "clientcompanies", "CreateClientAccount", createdDate=DAY, name=name, **fields
        )

    def manager_of(self, company: str) -> User:
        return self.login("clientAccountManager", company)

    @cached_property
    def agency(self) -> str:
        return self.new_agency(self.company, "Agence Étoile")

    @cached_property
    def second_agency(self) -> str:
        return self.new_agency(self.company, "Agence Bellecour")

    @cached_property
    def other_agency(self) -> str:
        return self.new_agency(self.other_company, "Agence d'ailleurs")

    @cached_property
    def far_agency(self) -> str:
        return self.new_agency(self.far_company, "Agence lointaine")

    def new_agency(self, company: str, name: str, **fields: Any) -> str:
        agency = {"name": name, "phones": ["0472000000"], "emails": ["a@b.fr"], **fields}
        answer = self.root.post(
            f"clientcompanies/{company}/agencies", "CreateAgency", createdDate=DAY, agency=agency
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["events"][0]["agency"]["agencyUid"])

    @cached_property
    def patrimony(self) -> str:
        return self.new_patrimony("P-001", self.agency, label="Résidence des Œillets")

    @cached_property
    def second_patrimony(self) -> str:
        return self.new_patrimony("P-002", self.second_agency)

    @cached_property
    def other_patrimony(self) -> str:
        return self.new_patrimony("X-001", self.other_agency)

    def new_patrimony(self, ref: str, *agencies: str, **fields: Any) -> str:
        return self.root.created(
            "patrimonies", "ReferencePatrimony", ref=ref, agencyUids=list(agencies), **fields
        )

    @cached_property
    def operator_user(self) -> User:
        """A user of the first call centre."""
        return self.login("callCenterUser", self.center)

    @cached_property
    def far_operator_user(self) -> User:
        return self.login("callCenterUser", self.other_center)

    @cached_property
    def manager(self) -> User:
        return self.login("clientAccountManager", self.company)

    @cached_property
    def holding_manager(self) -> User:
        return self.login("clientAccountManager", self.holding)

    @cached_property
    def other_manager(self) -> User:
        return self.login("clientAccountManager", self.other_company)

    @cached_property
    def executive(self) -> User:
        return self.login("executive", self.company, (self.agency,))

    @cached_property
    def patrimony_manager(self) -> User:
        return self.login("patrimonyManager", self.company, (), (self.patrimony,))

    @cached_property
    def resident(self) -> User:
        return self.login("patrimonyUser", self.company, (), (self.patrimony,))


@pytest.fixture(scope="module")
def world(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The application and whom it serves; made as far as a test asks for it."""
    settings = Settings(home=Path(tmp_path_factory.mktemp("home")), database_url=database)
    with TestClient(create_app(settings), raise_server_exceptions=True) as http:
        yield World(http, database)
