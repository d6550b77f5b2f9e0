"""What the examples of the API pages name: a ticket, endpoints, and entities that nothing uses.

The bodies are those of the examples themselves, sent through the routes of the application.
"""

from datetime import date
from http import HTTPStatus
from typing import Any

import msgspec
import psycopg
from starlette.applications import Starlette

from gerance.app import api_document, create_app
from gerance.demo.client import send
from gerance.demo.partners import PARTNER
from gerance.demo.world_accounts import INTEGRATOR
from gerance.demo.world_identifiers import uid_of
from gerance.incidents.subscriptions.flavour import FLAVOUR as INCIDENTS
from gerance.incidents.subscriptions.topics import topics
from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.accounts import audit
from gerance.kernel.identity.sessions import COOKIE, open_session
from gerance.kernel.settings import Settings
from gerance.kernel.webhooks.endpoints import add_endpoint, set_state, subscribe
from gerance.reference.document import load
from gerance.rentals.access.notice import FLAVOUR as RENTALS
from gerance.rentals.model.samples import SAMPLES

_COMPLETION = "demo examples loaded"
_SEED = 7
_NOBODY = "http://127.0.0.1:9/demonstration"
_ELSEWHERE = {"CompanyNo": 4, "DivisionNo": 1, "BuildingCode": "1067CHEVRE"}
_ENTITIES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("LedgerDivision", {"DivisionNo": 91, "Name": "Charlevoix"}),
    ("HousingType", {"Code": "CHALET", "Name": "Chalet"}),
    ("Service", {"ServiceCode": "SAUNA", "Name": "Accès au sauna"}),
    ("Supplier", {"SupplierCode": "SUROIT", "Name": "Plomberie Suroît inc."}),
    ("Building", {"BuildingCode": "14TILLEULS"}),
    ("Unit", {"UnitCode": "402"}),
    ("Unit", {"UnitCode": "403"}),
    ("Parking", {"ParkingCode": "P78"}),
    ("Parking", {"ParkingCode": "P79"}),
    ("Storage", {"StorageCode": "R78"}),
    ("Storage", {**_ELSEWHERE, "StorageCode": "R79"}),
    ("Tenant", {"UnitCode": "403"}),
    ("Tenant", {"TenantType": "P", "BuildingCode": None, "UnitCode": None}),
    ("ServiceCall", {}),
)
"""Entities that examples delete or link: how they differ from those that examples create."""


async def load_examples(settings: Settings, url: str, login: str, today: date) -> None:
    """Load what examples name, unless it is there. `login`: of the user whose session sends."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        rows = await connection.execute("SELECT FROM audit WHERE act = %s LIMIT 1", [_COMPLETION])
        if await rows.fetchone() is not None:
            return
        app = create_app(
            msgspec.structs.replace(settings, database_url=url, pool_size=4, jobs_inside=False)
        )
        async with app.router.lifespan_context(app):
            await _Examples(app, today).add(connection, login)
        await audit(connection, "demo", _COMPLETION, "")


class _Examples:
    """The bodies of the examples, and the application that takes them."""

    def __init__(self, app: Starlette, today: date) -> None:
        self._app = app
        self._document = api_document(today)
        self._values = load("operations")["parameters"]

    async def add(self, connection: Connection, login: str) -> None:
        rows = await connection.execute("SELECT uid::text FROM account WHERE login = %s", [login])
        ((user,),) = await rows.fetchall()
        token = await open_session(connection, user, lifetime=600)
        session = {"cookie": f"{COOKIE}={token}"}
        await self._open_ticket(session)
        await self._create_company(session)
        await self._add_address(session)
        await self._add_endpoints(connection, user, session)
        await self._add_customer()
        await self._add_entities()

    async def _open_ticket(self, session: dict[str, str]) -> None:
        uid, path = self._value("ticket_uid"), "/api/vEvent/tickets"
        opening = self._body("post_api_vEvent_tickets")
        opening |= {"aggregateUid": uid, "processUid": uid_of(_SEED, "example", "OpenTicket")}
        await self._send("POST", path, opening, session)
        message_uid = load("values")["targetedEvent"]
        for name, process in (
            ("IdentifyAssignee", None),
            ("DefineInterventionDeadline", None),
            ("AddMessage", message_uid),
        ):
            command = self._body("patch_api_vEvent_tickets_ticket_uid", name)
            command["processUid"] = process or uid_of(_SEED, "example", name)
            await self._send("PATCH", f"{path}/{uid}", command, session)

    async def _add_address(self, session: dict[str, str]) -> None:
        """A complementary address, whose uid follows from the process."""
        name = "AddComplementaryAddressToPatrimony"
        command = self._body("patch_api_vEvent_patrimonies_patrimony_uid", name)
        command["processUid"] = uid_of(_SEED, "example", name)
        command["complementaryAddress"] |= {"street": "10 rue des Batignolles"}
        path = f"/api/vEvent/patrimonies/{self._value('patrimony_uid')}"
        await self._send("PATCH", path, command, session)

    async def _create_company(self, session: dict[str, str]) -> None:
        """A client account without a SIRET number."""
        parameters = load("operations")["patch_api_vEvent_clientcompanies_company_uid"][
            "parameters"
        ]
        company = self._body("post_api_vEvent_clientcompanies", "CreateClientAccount")
        company |= {
            "aggregateUid": parameters["company_uid"]["examples"]["IdentifyCompany"],
            "processUid": uid_of(_SEED, "example", "CreateClientAccount"),
            "name": "Régie des Tilleuls",
        }
        del company["siretNumber"]
        await self._send("POST", "/api/vEvent/clientcompanies", company, session)

    async def _add_endpoints(
        self, connection: Connection, user: str, session: dict[str, str]
    ) -> None:
        rows = await connection.execute(
            "SELECT uid::text FROM integrator WHERE user_name = %s", [INTEGRATOR["userName"]]
        )
        ((integrator,),) = await rows.fetchall()
        for name, flavour, owner, subscribed in (
            ("subscription_uid", INCIDENTS, user, topics(None)),
            ("uid", RENTALS, integrator, {"Building": None}),
        ):
            uid = self._value(name)
            await add_endpoint(connection, flavour=flavour, owner=owner, url=_NOBODY, uid=uid)
            await subscribe(connection, uid, subscribed)
            await set_state(connection, uid, "paused", actor="demo")
        subscription = f"/api/v1/subscriptions/{self._value('subscription_uid')}"
        await self._send("POST", f"{subscription}/ping", {}, session)
        await self._send(
            "POST", f"/api/Webhooks/{self._value('uid')}/Ping", {}, await self._bearer()
        )

    async def _add_customer(self) -> None:
        partner = {"authorization": f'Token token="{PARTNER["token"]}"'}
        customer = self._body("post_v1_customers") | {"client_id": self._value("client_id")}
        await self._send("POST", "/v1/customers", customer, partner)

    async def _add_entities(self) -> None:
        bearer = await self._bearer()
        for name, changes in _ENTITIES:
            entity = {**SAMPLES[name].create, **changes}
            entity = {name: value for name, value in entity.items() if value is not None}
            await self._send("POST", f"/api/{name}s", entity, bearer)

    async def _bearer(self) -> dict[str, str]:
        key = {"x-api-key": INTEGRATOR["apiKey"]}
        body = await self._send("POST", "/api/Token", self._body("post_api_Token"), key)
        return {"authorization": f"Bearer {msgspec.json.decode(body)['token']}"}

    async def _send(
        self, method: str, path: str, body: dict[str, Any], headers: dict[str, str]
    ) -> bytes:
        status, answer = await send(self._app, method, path, body, headers)
        if status >= HTTPStatus.BAD_REQUEST:
            raise Rejection("DemoRefused", f"{method} {path} was refused: {answer.decode()}")
        return answer

    def _value(self, name: str) -> str:
        return str(self._values[name]["value"])

    def _body(self, operation_id: str, name: str | None = None) -> dict[str, Any]:
        """The example body of an operation, or the one of this name."""
        for item in self._document["paths"].values():
            for operation in item.values():
                if operation["operationId"] == operation_id:
                    content = operation["requestBody"]["content"]["application/json"]
                    example = content["examples"][name]["value"] if name else content["example"]
                    return dict(example)
        raise KeyError(operation_id)
