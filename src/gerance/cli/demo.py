"""`gerance demo`: a complete installation with sample data, from one command."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gerance.cli.options import AdminPort, Home, Host, Port

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from gerance.cli.server.start import Listeners
    from gerance.kernel.settings import Settings

LOOPBACK_NETWORKS = ("127.0.0.0/8", "::1/128")


def demo(
    home: Home = None,
    host: Host = None,
    port: Port = None,
    admin_port: AdminPort = None,
    scale: Annotated[
        int, typer.Option(min=1, help="Amount of sample data, times 2,000 tickets and 1,500 units.")
    ] = 1,
    tls: Annotated[
        bool, typer.Option("--tls", help="Serve HTTPS with a self-signed certificate.")
    ] = False,
    expose: Annotated[
        bool,
        typer.Option(
            "--expose-public-passwords",
            help="Accept connections from other machines, with passwords that are public.",
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON when the server is ready.")
    ] = False,
) -> None:
    """Start a database, load sample data and serve it until Ctrl-C.

    The next run serves the same data, including your changes.
    """
    from gerance.cli.server.start import open_listeners
    from gerance.kernel.logging import configure_logging
    from gerance.kernel.settings import load_settings

    options: dict[str, Any] = {"home": home, "host": host, "port": port, "admin_port": admin_port}
    settings = load_settings(**options)
    configure_logging(settings.log_format, settings.log_level)
    with open_listeners(settings, any_admin_port=admin_port is None) as listeners:
        if not expose:
            _require_loopback(settings, listeners)
        if tls:
            from gerance.cli.certificate import self_signed

            certificate, key = self_signed(settings.home, settings.host)
            settings = load_settings(**options, tls_cert=certificate, tls_key=key)
        _serve_sample_data(settings, listeners, scale=scale, as_json=as_json)


def _require_loopback(settings: "Settings", listeners: "Listeners") -> None:
    """Raises Failure when other machines would reach the demonstration."""
    from gerance.cli.demo_accounts import require_loopback
    from gerance.cli.server.sockets import bind

    require_loopback(listeners.api, "--host")
    require_loopback(listeners.admin, "admin_host")
    with bind(settings.sftp_host, 0, option="sftp_port") as probe:
        require_loopback(probe, "sftp_host")


def _serve_sample_data(
    settings: "Settings", listeners: "Listeners", *, scale: int, as_json: bool
) -> None:
    import asyncio

    import psycopg

    from gerance import migrations
    from gerance.cli.demo_greeting import greet
    from gerance.cli.output import say_json
    from gerance.cli.progress import progress
    from gerance.cli.server.start import serve_until_signal, server_urls
    from gerance.demo import load
    from gerance.demo.examples import load_examples
    from gerance.kernel import clock
    from gerance.kernel.embedded import database
    from gerance.kernel.stored_secrets import require_keys

    with database(settings) as database_url:
        migrations.upgrade(database_url)
        with psycopg.connect(database_url) as connection:
            require_keys(connection, settings)
        with progress("Loading sample data") as advance:
            world = load(database_url, scale=scale, on_progress=advance)
        asyncio.run(_confirm_today(database_url, settings.zone))
        settings = _for_demonstration(settings)
        asyncio.run(
            load_examples(
                settings,
                database_url,
                world.accounts["superUser"]["login"],
                clock.today(settings.zone),
            )
        )
        url, admin = server_urls(settings, listeners)
        partner = {**world.accounts["partner"], "sftpPort": settings.sftp_port}
        installation = {
            "url": url,
            "accounts": {**world.accounts, "partner": partner},
            "database": database_url,
            "home": str(settings.home),
            "admin": admin,
            "sample": world.sample,
        }
        serve_until_signal(
            settings,
            database_url,
            listeners,
            on_ready=lambda: say_json(installation) if as_json else greet(installation),
        )


def _for_demonstration(settings: "Settings") -> "Settings":
    """The settings with what a newcomer tries on one machine."""
    import msgspec

    return msgspec.structs.replace(
        settings,
        workers=1,
        modules=(*settings.modules, "finance"),
        # Webhooks may be received on this machine, which is forbidden elsewhere.
        webhook_networks=(*settings.webhook_networks, *LOOPBACK_NETWORKS),
        partners_plain_http="allow",
        # A browser would apply HSTS to every other server on this machine.
        hsts_seconds=0,
        sftp_port=settings.sftp_port or _free_port(settings.sftp_host),
    )


def _free_port(host: str) -> int:
    """A port that is free now."""
    from gerance.cli.server.sockets import bind, port_of

    with bind(host, 0, option="sftp_port") as probe:
        return port_of(probe)


async def _confirm_today(database_url: str, zone: "ZoneInfo") -> None:
    """Confirm the present day: the daily jobs run even when the last run was long ago."""
    from psycopg import AsyncConnection

    from gerance.kernel import clock
    from gerance.kernel.daily_job import confirm

    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        await clock.synchronise(connection)
        await confirm(connection, clock.today(zone))
