"""`gerance partners webhook`: where a partner is called, and what came of it."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from gerance.cli.connect import readable_database, with_connection
from gerance.cli.output import Home, Json, say, say_encoded
from gerance.cli.replay import Failed, Position, Since, tell_again

if TYPE_CHECKING:
    from gerance.kernel.db import Connection, Pool
    from gerance.kernel.settings import Settings

T = TypeVar("T")

app = typer.Typer(
    help="The endpoint that receives the webhooks of a partner.",
    no_args_is_help=True,
)

Code = Annotated[str, typer.Argument(help="The code of the partner.", show_default=False)]


@app.command("set")
def set_(
    code: Code,
    url: Annotated[str, typer.Argument(help="What to call.", show_default=False)],
    header: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:VALUE",
            help="Sent with each call; repeatable, instead of those before.",
            show_default="as before",
        ),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Call a partner at an address from now on. The secret of a new one is printed once."""
    from gerance.cli.output import say_json
    from gerance.kernel.settings import load_settings
    from gerance.kernel.webhooks.guard import Guard
    from gerance.kernel.webhooks.headers import check_headers
    from gerance.kernel.webhooks.owner_endpoints import checked_url
    from gerance.partners.webhooks.address import set_address

    guard = Guard(load_settings(home=home).webhook_networks)
    checked = checked_url(guard, url, "URL")
    headers = None if header is None else check_headers(_pairs(header))
    secret = with_connection(home, lambda c: set_address(c, code, checked, headers))
    if as_json:
        say_json({"code": code, "url": checked, "secret": secret})
        return
    say(f"{code} is called at {checked}.")
    if secret is not None:
        say(f"Secret, shown this once: {secret}")


@app.command("show")
def show(code: Code, home: Home = None, as_json: Json = False) -> None:
    """Show the webhook endpoint of a partner and its deliveries."""
    from gerance.kernel.webhooks.shapes import view
    from gerance.kernel.wire import encode
    from gerance.partners.webhooks.address import address_of

    shown = view(with_connection(home, lambda connection: address_of(connection, code)))
    if as_json:
        say_encoded(encode(shown))
        return
    reason = f" ({shown.reason})" if shown.reason else ""
    say(f"{code} is called at {shown.url}: {shown.state}{reason}.")
    if shown.headers:
        say(f"Headers: {', '.join(shown.headers)}")
    if shown.failing_since is not None:
        say(f"No call has come through since {shown.failing_since}.")
    say(f"Pending: {shown.waiting}, retrying: {shown.failing}, dead: {shown.dead}")


@app.command("remove")
def remove(code: Code, home: Home = None) -> None:
    """Remove the endpoint of a partner, with its pending deliveries."""
    from gerance.partners.webhooks.address import remove_address

    with_connection(home, lambda connection: remove_address(connection, code))
    say(f"{code} is called no more.")


@app.command("rotate")
def rotate(
    code: Code,
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=168, help="Hours for which calls carry both signatures.")
    ] = 24,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Sign calls with a new secret, printed once; with the old one as well for a while."""
    from gerance.cli.output import say_json
    from gerance.partners.webhooks.address import rotate_address_secret

    secret = with_connection(home, lambda c: rotate_address_secret(c, code, overlap_hours * 3600))
    if as_json:
        say_json({"code": code, "secret": secret})
        return
    say(f"Secret, shown this once: {secret}")


@app.command("ping")
def ping(code: Code, home: Home = None) -> None:
    """Send a test message to a partner; exit code 1 unless it answers 2xx."""
    from gerance.cli.failures import Failure
    from gerance.kernel.webhooks import owner_endpoints
    from gerance.partners.webhooks.address import address_of
    from gerance.partners.webhooks.flavour import FLAVOUR, Partners
    from gerance.worker import webhook_client

    async def act(pool: "Pool", settings: "Settings") -> str | None:
        async with pool.connection() as connection:
            known = await address_of(connection, code)
        async with webhook_client(settings) as caller:
            told = await owner_endpoints.try_endpoint(
                pool,
                owner_endpoints.Owner(FLAVOUR, code),
                known.uid,
                caller=caller,
                flavour=Partners(),
                pings=owner_endpoints.Pings(),
            )
        say(f"{told.detail} ({told.duration_ms:.0f} ms)")
        return None if told.delivered else f"{code} did not take the call"

    if (failed := _with_pool(home, act)) is not None:
        raise Failure(failed)


@app.command("deliveries")
def deliveries(
    code: Code,
    outcome: Annotated[
        str | None,
        typer.Option(help="Only those delivered, failed or dead.", show_default="all of them"),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The most calls.")] = 50,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """List the latest calls to a partner and what came of them."""
    from gerance.cli.output import say_rows
    from gerance.kernel.webhooks import owner_endpoints
    from gerance.kernel.wire import encode
    from gerance.partners.programme.names import require_known
    from gerance.partners.webhooks.flavour import FLAVOUR
    from gerance.partners.webhooks.routes import Called, called

    asked = {"limit": str(limit)} | ({"outcome": outcome} if outcome else {})

    async def act(pool: "Pool", settings: "Settings") -> list[Called]:
        async with pool.connection() as connection:
            await require_known(connection, code)
        page = await owner_endpoints.list_deliveries(
            pool, owner_endpoints.Owner(FLAVOUR, code), asked
        )
        return [called(each) for each in page.deliveries]

    found = _with_pool(home, act)
    if as_json:
        say_encoded(encode(found))
        return
    rows = [{name: getattr(each, name) for name in each.__struct_fields__} for each in found]
    columns = {"at": "At", "outcome": "Outcome", "status": "Status", "attempt": "Attempt"}
    columns |= {"event_type": "Event", "position": "Position", "url": "URL", "detail": "Detail"}
    say_rows(rows, columns, none="No call was made.")


@app.command("replay")
def replay(
    code: Code,
    position: Position = None,
    failed: Failed = False,
    since: Since = None,
    home: Home = None,
) -> None:
    """Tell a partner again: one event, all that failed, or all since a moment."""
    from gerance.partners.webhooks.address import address_of

    async def address(connection: "Connection") -> str:
        return (await address_of(connection, code)).uid

    tell_again(home, address, position, failed, since)


def _pairs(headers: list[str]) -> dict[str, str]:
    """The headers by name. Raises Failure for one that is not NAME:VALUE, or is there twice."""
    from gerance.cli.failures import Failure

    pairs: dict[str, str] = {}
    for each in headers:
        name, colon, value = each.partition(":")
        if not colon or name.strip() in pairs:
            raise Failure("--header: give each as NAME:VALUE, once")
        pairs[name.strip()] = value.strip()
    return pairs


def _with_pool(home: str | None, act: "Callable[[Pool, Settings], Awaitable[T]]") -> T:
    """What `act` gives on a pool of the installation's database."""
    import asyncio

    from gerance.kernel.db import open_pool
    from gerance.kernel.settings import load_settings

    settings = load_settings(home=home)

    async def run(url: str) -> T:
        limit = settings.statement_timeout_ms
        async with open_pool(url, size=2, statement_timeout_ms=limit) as pool:
            return await act(pool, settings)

    with readable_database(settings) as url:
        return asyncio.run(run(url))
