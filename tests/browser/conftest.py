"""Debian's Chromium, driven by Playwright, on a `gerance serve` with an operator's work to do."""

import asyncio
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple, TypeVar
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.browser.visitor import TIMEOUT_MS, View, Visitor
from tests.browser.world import COMPANY, PARTNER, THIERRY, World, add_account, fill
from tests.cli.conftest import COMMAND, clean_environment
from tests.cli.test_serve import free_port, until_ready
from tests.conftest import made_database
from tests.npm import install
from tests.partners.mail.letters import letter
from tests.waiting import PATIENCE

from gerance.kernel.db import Connection, open_pool
from gerance.kernel.log.writer import open_writer
from gerance.partners.customers.commands import ActivateService, CustomerCommand, OfferMonths
from gerance.partners.customers.decide import decide
from gerance.partners.lifecycle.state import Details
from gerance.partners.lifecycle.writer import ChangeRequest, change
from gerance.partners.mail.parser import read_request
from gerance.partners.mail.proposal import propose

T = TypeVar("T")

HERE = Path(__file__).parent
CHROMIUM = shutil.which("chromium")
# Without it `test_chromium.py` alone speaks: one line, not one for each test.
collect_ignore = (
    []
    if CHROMIUM
    else [each.name for each in HERE.glob("test_*.py") if "chromium" not in each.name]
)
FLAGS = (
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

PHONE_FRENCH = View(390, "fr-FR")
PHONE_ENGLISH = View(390, "en-GB")
DESK_FRENCH = View(1280, "fr-FR")
DESK_ENGLISH = View(1280, "en-GB")
EVERY_VIEW = (PHONE_FRENCH, PHONE_ENGLISH, DESK_FRENCH, DESK_ENGLISH)
"""Pages are checked in each of these; what people do on them, in the first and the last."""


class Installation(NamedTuple):
    """A server, its database, and who and what is there."""

    url: str
    database: str
    world: World

    def on(self, act: Callable[[Connection], Awaitable[T]]) -> T:
        """What `act` returns on a connection; Playwright's event loop occupies this thread."""

        async def acted() -> T:
            async with await psycopg.AsyncConnection.connect(
                self.database, autocommit=True
            ) as connection:
                return await act(connection)

        return apart(lambda: asyncio.run(acted()))

    def user(self) -> str:
        """The login of a new user, who is no super user."""
        login = f"{uuid4().hex[:12]}@gerance.example"
        apart(lambda: add_account(self.database, login, "executive", COMPANY))
        return login

    def customer(self, client_id: str) -> str:
        """A customer called Rosa Lindqvist; her number."""
        details = Details(
            firstname="Rosa", lastname="Lindqvist", email=f"{client_id}@lindqvist.example",
            phone_number1="+33199009999", city="Lille", zipcode="59000", country="FR",
        )  # fmt: skip
        self._change(client_id, ActivateService(details, {}))
        return client_id

    def offer(self, client_id: str, *, months: int) -> None:
        """Another offer to a customer, from somewhere else."""
        self._change(client_id, OfferMonths(months))

    def _change(self, client_id: str, command: CustomerCommand) -> None:
        async def act() -> None:
            async with (
                open_pool(self.database, size=4, statement_timeout_ms=30_000) as pool,
                open_writer(pool) as writer,
            ):
                asking = ChangeRequest("partner", today())
                await change(
                    writer,
                    PARTNER,
                    client_id,
                    asking,
                    lambda state, stamp: decide(state, command, stamp),
                )

        apart(lambda: asyncio.run(act()))

    async def _propose(self, connection: Connection, content: bytes) -> int:
        request = read_request(content, today())
        proposed = await propose(connection, PARTNER, request, "dkim")
        return proposed.number

    def propose(
        self,
        kind: str = "Résiliation",
        client: str = THIERRY,
        name: str = "Thierry Lhermitte",
        body: str = "Bonjour,\nFin le 31/12/2099.\nMotif : retraite\n",
    ) -> int:
        """The number of a new proposal that came by mail."""
        subject = f"[{kind}][Foussier] Client {name} - {client}"
        content = letter(subject, body, identifier=f"<{uuid4()}@foussier.example>")
        return self.on(lambda connection: self._propose(connection, content))


def today() -> date:
    return datetime.now(ZoneInfo("Europe/Paris")).date()


def apart(act: Callable[[], T]) -> T:
    """What `act` returns in a thread of its own."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(act).result()


# Not for the session: Playwright's event loop occupies this thread, and other tests have their own.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe(pytestconfig: pytest.Config) -> str:
    """The script that checks a page's accessibility."""
    return (install(HERE, pytestconfig) / "node_modules/axe-core/axe.min.js").read_text("utf-8")


@pytest.fixture(scope="session")
def installation(database_url: str, migrated_template: str) -> Iterator[Installation]:
    home = Path(tempfile.mkdtemp(prefix="gerance-tests-"))
    port = free_port()
    command = [COMMAND, "serve", "--port", str(port), "--admin-port", "0"]
    try:
        with made_database(database_url, template=migrated_template) as database:
            world = apart(lambda: fill(database, home))
            variables = {
                "GERANCE_DATABASE_URL": database, "GERANCE_HOME": str(home),
                "GERANCE_JOBS_INSIDE": "false", "GERANCE_LOG_LEVEL": "error",
            }  # fmt: skip
            with subprocess.Popen(
                command, stderr=subprocess.PIPE, text=True, env=clean_environment(**variables)
            ) as process:
                try:
                    url = f"http://127.0.0.1:{port}"
                    until_ready(f"{url}/live", process)
                    yield Installation(url, database, world)
                    process.send_signal(signal.SIGTERM)
                    _, errors = process.communicate(timeout=PATIENCE)
                    assert (process.returncode, errors) == (0, "")
                finally:
                    process.kill()
    finally:
        shutil.rmtree(home)


@pytest.fixture
def visit(
    chromium: Browser, installation: Installation, axe: str
) -> Iterator[Callable[..., Visitor]]:
    """Opens a browser window in a view; its page must be without a fault to the end of the test."""
    visitors: list[Visitor] = []

    def open_window(view: View, *, scheme: str = "light", scripts: bool = True) -> Visitor:
        context = chromium.new_context(
            base_url=installation.url,
            viewport={"width": view.width, "height": 844 if view.width < 600 else 800},
            locale=view.locale,
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(TIMEOUT_MS)
        visitors.append(Visitor(context, view, axe, is_dark=scheme == "dark"))
        return visitors[-1]

    yield open_window
    for visitor in visitors:
        visitor.close()
