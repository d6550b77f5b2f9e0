"""Demonstration accounts, whose passwords are public, do not serve by mistake."""

from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from socket import socket

    from gerance.kernel.settings import Settings

AllowDemoAccounts = Annotated[
    bool,
    typer.Option(
        "--allow-demo-accounts",
        help="Start although the database has demonstration accounts, whose passwords are public.",
    ),
]


def demo_accounts(url: str) -> list[str]:
    """What may log in to a database with credentials that the demonstration publishes."""
    import asyncio

    from psycopg import AsyncConnection

    from gerance.demo.published import published_accounts

    async def run() -> list[str]:
        async with await AsyncConnection.connect(url, autocommit=True) as connection:
            return await published_accounts(connection)

    return asyncio.run(run())


def require_no_demo_accounts(settings: "Settings", url: str) -> None:
    """Raises Failure when there are some, unless the settings allow them."""
    from gerance.cli.failures import Failure

    if settings.allow_demo_accounts or not (found := demo_accounts(url)):
        return
    raise Failure(
        f"this database has demonstration accounts, whose passwords are public: {summary(found)}."
        " Run `gerance demo` to try Gérance, take another --home or database for data of your own,"
        " or add --allow-demo-accounts"
    )


def summary(found: list[str]) -> str:
    """The first of them, and how many more there are."""
    more = len(found) - 1
    return f"{found[0]} and {more} more" if more > 0 else found[0]


def require_loopback(listener: "socket", setting: str) -> None:
    """Raises Failure when other machines reach the socket."""
    from gerance.cli.failures import Failure

    host = listener.getsockname()[0]
    if not ip_address(host.partition("%")[0]).is_loopback:
        raise Failure(
            f"{setting} {host} is reached by other machines, and the passwords of the"
            " demonstration are public: leave it at 127.0.0.1, or add --expose-public-passwords"
        )
