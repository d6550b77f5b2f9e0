"""A partner that calls the running application, and what operators set up for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
from starlette.testclient import TestClient
from tests.living import on

from gerance.app import create_app
from gerance.kernel.db import Connection
from gerance.kernel.settings import Settings
from gerance.partners.programme.campaigns import set_campaign, set_typology
from gerance.partners.programme.partners import add_partner
from gerance.partners.programme.programme import Campaign

CAMPAIGNS = {
    "PRINTEMPS": Campaign(
        code="PRINTEMPS",
        free_months=2,
        unit_price=Decimal("29.90"),
        options_price=Decimal("8.00"),
        nb_of_options=2,
        vat_rate=None,
        redirect_template="https://suite.example/{partner_code}/{client_id}?c={campaign_code}",
        by_default=False,
    ),
    "ETE": Campaign(
        code="ETE",
        free_months=0,
        unit_price=Decimal("19.90"),
        options_price=Decimal("0.00"),
        nb_of_options=0,
        vat_rate=Decimal("20.00"),
        redirect_template=None,
        by_default=True,
    ),
}
TYPOLOGIES = {1: "Artisan", 2: "Commerçant"}


def described(**fields: Any) -> dict[str, Any]:
    """The parameters of a client; what is None is left out."""
    given = {
        "partner_code": "FOUSSIER",
        "partner": "Foussier",
        "client_id": "54d8b0fad5922248bf2f",
        "lastname": "Lhermitte",
        "firstname": "Thierry",
        "email": "thierry@lhermitte.example",
        "phone_number1": "01 99 00 12 34",
        "zipcode": "75011",
        "city": "Paris",
        "country": "France",
        "typology": 1,
    } | fields
    return {name: value for name, value in given.items() if value is not None}


@dataclass
class Partner:
    """A partner with its token."""

    http: TestClient
    code: str
    token: str

    def headers(self, **more: str) -> dict[str, str]:
        return {"Authorization": f'Token token="{self.token}"', **more}

    def post(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        return self.http.post(path, json=body, headers=self.headers(**headers))

    def lead(self, **fields: Any) -> httpx2.Response:
        return self.post("/v1/leads", described(**fields))

    def customer(self, **fields: Any) -> httpx2.Response:
        return self.post("/v1/customers", described(**fields))

    def get(self, path: str) -> Any:
        answer = self.http.get(path, headers=self.headers())
        assert answer.status_code == 200, answer.text
        return answer.json()

    def told(self, client_id: str) -> Any:
        """What the partner is told of a client, with its history."""
        return self.get(f"/v1/customers/{client_id}")

    def events(self, client_id: str) -> list[str]:
        return [each["event"] for each in self.told(client_id)["history"]]


def accepted(answer: httpx2.Response) -> Any:
    assert answer.status_code == 200, answer.text
    assert answer.json()["response"] == 0
    assert answer.json()["text"] == "OK"
    return answer.json()


def refused(answer: httpx2.Response, status: int = 400) -> str:
    """The text of a refusal."""
    assert answer.status_code == status, answer.text
    assert answer.json()["response"] == 1
    assert list(answer.json()) == ["response", "text"]
    return str(answer.json()["text"])


def add(database: str, code: str, *sources: str) -> str:
    """A new partner with the campaigns; its token."""

    async def added(connection: Connection) -> str:
        token = await add_partner(connection, code=code, name=code.title(), sources=list(sources))
        for campaign in CAMPAIGNS.values():
            await set_campaign(connection, code, campaign, label=campaign.code.title())
        for number, label in TYPOLOGIES.items():
            await set_typology(connection, number, label)
        return token

    return on(database, added)


@contextmanager
def serving(database: str, home: Path, **settings: Any) -> Iterator[TestClient]:
    """The application over the database, called by HTTPS; without its loops."""
    made = {"jobs_inside": False, "log_level": "error"} | settings
    app = create_app(Settings(home=home, database_url=database, **made))
    with TestClient(app, base_url="https://testserver") as http:
        yield http
