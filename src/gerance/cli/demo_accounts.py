"""Guards that keep demonstration accounts, whose passwords are public, out of production."""

from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from socket import socket

    from gerance.demo.credentials import PublishedAccount
    from gerance.kernel.settings import Settings


def demo_accounts(url: str, limit: int | None = None) -> "list[PublishedAccount]":
    """The accounts that accept a credential of the demonstration: all, or the first `limit`."""
    import asyncio
    from contextlib import aclosing

    from psycopg import AsyncConnection

    from gerance.demo.credentials import published_accounts

    async def run() -> "list[PublishedAccount]":
        accounts: list[PublishedAccount] = []
        async with (
            await AsyncConnection.connect(url, autocommit=True) as connection,
            aclosing(published_accounts(connection)) as account_stream,
        ):
            async for account in account_stream:
                accounts.append(account)
                if len(accounts) == limit:
                    break
        return accounts

    return asyncio.run(run())


def require_no_demo_accounts(settings: "Settings", url: str) -> None:
    """Raises Failure when there is one, unless the settings allow them."""
    from gerance.cli.failures import Failure

    if settings.allow_demo_accounts or not (accounts := demo_accounts(url, limit=1)):
        return
    raise Failure(
        "this database has demonstration accounts, whose passwords are public, such as"
        f" {accounts[0].name}. `gerance doctor` lists all of them. Run `gerance demo` to try"
        " Gérance, use another --home or database for your data, or add --allow-demo-accounts"
    )


def require_loopback(listener: "socket", setting: str) -> None:
    """Raises Failure when other machines can reach the socket."""
    from gerance.cli.failures import Failure

    host = listener.getsockname()[0]
    if not ip_address(host.partition("%")[0]).is_loopback:
        raise Failure(
            f"{setting} {host} is open to other machines, and the passwords of the demonstration"
            " are public: use 127.0.0.1, or add --expose-public-passwords"
        )
