"""`gerance partners webhook`: the webhook endpoint of a partner and its deliveries."""

from typing import TYPE_CHECKING, Annotated

import typer

from gerance.cli.command_group import CommandGroup
from gerance.cli.installation import with_connection, with_pool
from gerance.cli.options import Home, Json, ListLimit, OutcomeFilter, PartnerCode
from gerance.cli.output import say, say_encoded, say_json, say_rows
from gerance.cli.replay import FailedOnly, Position, Since, replay_events

if TYPE_CHECKING:
    from gerance.kernel.db import Connection, Pool
    from gerance.kernel.settings import Settings

app = CommandGroup("Manage the webhook endpoint of a partner and its deliveries.")


@app.command("set")
def set_endpoint(
    code: PartnerCode,
    url: Annotated[str, typer.Argument(help="URL of the endpoint.", show_default=False)],
    header: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:VALUE",
            help="Header of each request; repeatable. Replaces all earlier headers.",
            show_default="unchanged",
        ),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Set the webhook endpoint of a partner. The secret of a new one is printed once."""
    from gerance.kernel.settings import load_settings
    from gerance.kernel.webhooks.guard import Guard
    from gerance.kernel.webhooks.headers import check_headers
    from gerance.kernel.webhooks.owner_endpoints import checked_url
    from gerance.partners.webhooks.address import set_address

    guard = Guard(load_settings(home=home).webhook_networks)
    target = checked_url(guard, url, "URL")
    headers = None if header is None else check_headers(_parse_headers(header))
    secret = with_connection(home, lambda c: set_address(c, code, target, headers))
    if as_json:
        say_json({"code": code, "url": target, "secret": secret})
        return
    say(f"Webhooks of {code} are sent to {target}.")
    if secret is not None:
        say(f"Secret, shown only once: {secret}")


@app.command("show")
def show(code: PartnerCode, home: Home = None, as_json: Json = False) -> None:
    """Show the webhook endpoint of a partner and its pending deliveries."""
    from gerance.kernel.webhooks.shapes import view
    from gerance.kernel.wire import encode
    from gerance.partners.webhooks.address import address_of

    endpoint = view(with_connection(home, lambda connection: address_of(connection, code)))
    if as_json:
        say_encoded(encode(endpoint))
        return
    reason = f" ({endpoint.reason})" if endpoint.reason else ""
    say(f"Webhooks of {code} are sent to {endpoint.url}: {endpoint.state}{reason}.")
    if endpoint.headers:
        say(f"Headers: {', '.join(endpoint.headers)}")
    if endpoint.failing_since is not None:
        say(f"Failing since {endpoint.failing_since}.")
    say(f"Pending: {endpoint.waiting}, retrying: {endpoint.failing}, dead: {endpoint.dead}")


@app.command("remove")
def remove(code: PartnerCode, home: Home = None) -> None:
    """Remove the webhook endpoint of a partner with its pending deliveries."""
    from gerance.partners.webhooks.address import remove_address

    with_connection(home, lambda connection: remove_address(connection, code))
    say(f"Removed the webhook endpoint of {code}.")


@app.command("rotate")
def rotate(
    code: PartnerCode,
    overlap_hours: Annotated[
        int,
        typer.Option(min=0, max=168, help="Hours for which requests are signed with both secrets."),
    ] = 24,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Create a new signing secret and print it, once."""
    from gerance.partners.webhooks.address import rotate_address_secret

    secret = with_connection(home, lambda c: rotate_address_secret(c, code, overlap_hours * 3600))
    if as_json:
        say_json({"code": code, "secret": secret})
        return
    say(f"Secret, shown only once: {secret}")


@app.command("ping")
def ping(code: PartnerCode, home: Home = None) -> None:
    """Send a test message. The exit code is 1 unless the endpoint answers 2xx."""
    from gerance.cli.failures import Failure
    from gerance.kernel.webhooks import owner_endpoints
    from gerance.partners.webhooks.address import address_of
    from gerance.partners.webhooks.flavour import FLAVOUR, Partners
    from gerance.worker import webhook_client

    async def send(pool: "Pool", settings: "Settings") -> bool:
        async with pool.connection() as connection:
            endpoint = await address_of(connection, code)
        async with webhook_client(settings) as caller:
            result = await owner_endpoints.try_endpoint(
                pool,
                owner_endpoints.Owner(FLAVOUR, code),
                endpoint.uid,
                caller=caller,
                flavour=Partners(),
                pings=owner_endpoints.Pings(),
            )
        say(f"{result.detail} ({result.duration_ms:.0f} ms)")
        return result.delivered

    if not with_pool(home, send):
        raise Failure(f"the endpoint of {code} did not accept the message")


@app.command("deliveries")
def deliveries(
    code: PartnerCode,
    outcome: OutcomeFilter = None,
    limit: ListLimit = 50,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """List the latest deliveries to a partner and their outcomes."""
    from gerance.kernel.webhooks import owner_endpoints
    from gerance.kernel.wire import encode
    from gerance.partners.programme.names import require_partner_exists
    from gerance.partners.webhooks.flavour import FLAVOUR
    from gerance.partners.webhooks.routes import DeliveryAttempt, attempt_view

    query = {"limit": str(limit)} | ({"outcome": outcome} if outcome else {})

    async def read(pool: "Pool", settings: "Settings") -> list[DeliveryAttempt]:
        async with pool.connection() as connection:
            await require_partner_exists(connection, code)
        page = await owner_endpoints.list_deliveries(
            pool, owner_endpoints.Owner(FLAVOUR, code), query
        )
        return [attempt_view(delivery) for delivery in page.deliveries]

    attempts = with_pool(home, read)
    if as_json:
        say_encoded(encode(attempts))
        return
    rows = [
        {name: getattr(attempt, name) for name in attempt.__struct_fields__} for attempt in attempts
    ]
    columns = {"at": "At", "outcome": "Outcome", "status": "Status", "attempt": "Attempt"}
    columns |= {"event_type": "Event", "position": "Position", "url": "URL", "detail": "Detail"}
    say_rows(rows, columns, none="There are no deliveries yet.")


@app.command("replay")
def replay(
    code: PartnerCode,
    position: Position = None,
    failed: FailedOnly = False,
    since: Since = None,
    home: Home = None,
) -> None:
    """Replay events to a partner: one, all that failed, or all since a time."""
    from gerance.partners.webhooks.address import address_of

    async def find_endpoint(connection: "Connection") -> str:
        return (await address_of(connection, code)).uid

    replay_events(home, find_endpoint, position, failed, since)


def _parse_headers(headers: list[str]) -> dict[str, str]:
    """The headers by name. Raises Failure when one is not NAME:VALUE, or is repeated."""
    from gerance.cli.failures import Failure

    values: dict[str, str] = {}
    for header in headers:
        name, colon, value = header.partition(":")
        if not colon or name.strip() in values:
            raise Failure("--header: write each one as NAME:VALUE, once")
        values[name.strip()] = value.strip()
    return values
