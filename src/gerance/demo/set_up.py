"""Sets up the world of the demonstration: its accounts, its integrator, then its commands.

The commands go through the routes of the application, as a client's do.
"""

from http import HTTPStatus

import psycopg
from starlette.applications import Starlette

from gerance.app import create_app
from gerance.demo.client import send
from gerance.demo.world import World
from gerance.demo.world_accounts import INTEGRATOR
from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.accounts import add_user, set_password
from gerance.kernel.identity.integrators import add_integrator
from gerance.kernel.identity.scope import Scope
from gerance.kernel.identity.sessions import COOKIE, open_session
from gerance.kernel.settings import load_settings

_SESSION_SECONDS = 3600.0


async def set_up(url: str, world: World) -> None:
    """Make the world's accounts and send its commands. What is there already is left as it is."""
    async with await psycopg.AsyncConnection.connect(
        url, autocommit=True, prepare_threshold=None
    ) as connection:
        await _add_accounts(connection, world)
        await _add_integrator(connection)
        app = create_app(load_settings(database_url=url, pool_size=4))
        async with app.router.lifespan_context(app):
            await _send_steps(app, connection, world)
        await _set_passwords(connection, world)


async def _add_accounts(connection: Connection, world: World) -> None:
    for user in world.users:
        if user.by_command or await _exists(connection, user.uid):
            continue
        await add_user(
            connection,
            uid=user.uid,
            kind=user.kind,
            login=user.login,
            password=user.password,
            first_name=user.person.first_name,
            last_name=user.person.last_name,
            company_uid=user.company_uid,
            job=user.job,
            phone=user.phone,
            actor="demo",
        )


async def _add_integrator(connection: Connection) -> None:
    user_name = INTEGRATOR["userName"]
    rows = await connection.execute("SELECT FROM integrator WHERE user_name = %s", [user_name])
    if await rows.fetchone() is None:
        await add_integrator(
            connection,
            user_name=user_name,
            password=INTEGRATOR["password"],
            api_key=INTEGRATOR["apiKey"],
            scope=Scope(incidents=True, partners=True),
            name="Intégrateur de démonstration",
            actor="demo",
        )


async def _set_passwords(connection: Connection, world: World) -> None:
    for user in world.users:
        if user.by_command:
            await set_password(connection, user.login, user.password, actor="demo")


async def _exists(connection: Connection, uid: str) -> bool:
    rows = await connection.execute("SELECT 1 FROM account WHERE uid = %s", [uid])
    return await rows.fetchone() is not None


async def _send_steps(app: Starlette, connection: Connection, world: World) -> None:
    uid_of = {user.login: user.uid for user in world.users}
    tokens = {
        login: await open_session(connection, uid_of[login], lifetime=_SESSION_SECONDS)
        for login in dict.fromkeys(step.actor for step in world.steps)
    }
    for step in world.steps:
        path = f"/api/vEvent/{step.resource}"
        if step.resource == "agencies":
            path = f"/api/vEvent/clientcompanies/{step.uid}/agencies"
        cookie = {"cookie": f"{COOKIE}={tokens[step.actor]}"}
        status, body = await send(app, step.method, path, step.command, cookie)
        if status != HTTPStatus.CREATED and b"CommandAlreadySent" not in body:
            raise Rejection(
                "DemoRefused",
                f"{step.command['commandType']} {step.uid} was refused: {body.decode()}",
            )
