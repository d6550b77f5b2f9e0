"""`gerance demo`: a whole installation with sample data, from one command."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gerance.cli.output import Home

if TYPE_CHECKING:
    from socket import socket
    from zoneinfo import ZoneInfo

    from gerance.kernel.settings import Settings

THIS_MACHINE = ("127.0.0.0/8", "::1/128")


def demo(
    home: Home = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port, 0 for any free one.", show_default="8000")
    ] = None,
    admin_port: Annotated[
        int | None,
        typer.Option(help="Port of /metrics, /live, /ready.", show_default="the one after --port"),
    ] = None,
    scale: Annotated[
        int, typer.Option(min=1, help="How much sample data: N times 2,000 tickets, 1,500 units.")
    ] = 1,
    tls: Annotated[
        bool, typer.Option("--tls", help="Serve HTTPS with a self-signed certificate.")
    ] = False,
    expose: Annotated[
        bool,
        typer.Option(
            "--expose-public-passwords",
            help="Let other machines reach it, and log in with passwords that everybody knows.",
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON once requests are answered.")
    ] = False,
) -> None:
    """Start a database, load sample data and serve them, until Ctrl-C.

    The second time the data are there already, with everything that was changed meanwhile.
    """
    from gerance.kernel.logging import configure_logging
    from gerance.kernel.settings import load_settings

    given: dict[str, Any] = {"home": home, "host": host, "port": port, "admin_port": admin_port}
    settings = load_settings(**given)
    configure_logging(settings.log_format, settings.log_level)
    listener, admin_listener = _listeners(settings, movable=admin_port is None)
    with listener, admin_listener:
        if not expose:
            _require_loopback(settings, listener, admin_listener)
        if tls:
            from gerance.cli.certificate import self_signed

            certificate, key = self_signed(settings.home, settings.host)
            settings = load_settings(**given, tls_cert=certificate, tls_key=key)
        _serve_sample(settings, listener, admin_listener, scale=scale, as_json=as_json)


def _require_loopback(settings: "Settings", listener: "socket", admin: "socket") -> None:
    """Raises Failure when other machines would reach the demonstration."""
    from gerance.cli.demo_accounts import require_loopback
    from gerance.cli.sockets import bind

    require_loopback(listener, "--host")
    require_loopback(admin, "admin_host")
    with bind(settings.sftp_host, 0, option="sftp_port") as probe:
        require_loopback(probe, "sftp_host")


def _listeners(settings: "Settings", *, movable: bool) -> "tuple[socket, socket]":
    """The sockets of the server and of its admin port, which may move when nobody asked for it."""
    from gerance.cli.failures import Failure
    from gerance.cli.sockets import bind

    listener = bind(settings.host, settings.port, option="--port")
    try:
        return listener, bind(settings.admin_host, settings.admin_port, option="--admin-port")
    except Failure:
        if not movable:
            listener.close()
            raise
    return listener, bind(settings.admin_host, 0, option="--admin-port")


def _free_port(host: str) -> int:
    """A port that nobody has now."""
    from gerance.cli.sockets import bind, port_of

    with bind(host, 0, option="sftp_port") as found:
        return port_of(found)


def _serve_sample(
    settings: "Settings",
    listener: "socket",
    admin_listener: "socket",
    *,
    scale: int,
    as_json: bool,
) -> None:
    import asyncio

    import msgspec
    import psycopg

    from gerance import gauges, migrations
    from gerance.app import create_app
    from gerance.cli.demo_greeting import greet
    from gerance.cli.output import say_json
    from gerance.cli.progress import progress
    from gerance.cli.server import run_here
    from gerance.cli.sockets import address, port_of
    from gerance.demo import load
    from gerance.kernel.embedded import database
    from gerance.kernel.http.admin import admin_port
    from gerance.kernel.stored_secrets import require_keys

    with database(settings) as url:
        migrations.upgrade(url)
        with psycopg.connect(url) as connection:
            require_keys(connection, settings)
        with progress("Loading sample data") as advance:
            world = load(url, scale=scale, on_progress=advance)
        asyncio.run(_confirm_day(url, settings.zone))
        settings = msgspec.structs.replace(
            settings,
            database_url=url,
            port=port_of(listener),
            admin_port=port_of(admin_listener),
            # Whoever tries it receives calls here: elsewhere than in a demonstration that is not
            # allowed.
            webhook_networks=(*settings.webhook_networks, *THIS_MACHINE),
            partners_plain_http="allow",
            # Browsers would insist on it for everything else on this machine, too.
            hsts_seconds=0,
            sftp_port=settings.sftp_port or _free_port(settings.sftp_host),
        )
        partner = {**world.accounts["partner"], "sftpPort": settings.sftp_port}
        installation = {
            "url": address("https" if settings.tls_cert else "http", settings.host, settings.port),
            "accounts": {**world.accounts, "partner": partner},
            "database": url,
            "home": str(settings.home),
            "admin": address("http", settings.admin_host, settings.admin_port),
            "sample": world.sample,
        }
        with admin_port(admin_listener, url, gauges.render):
            run_here(
                create_app(settings),
                settings,
                listener,
                on_ready=lambda: say_json(installation) if as_json else greet(installation),
            )


async def _confirm_day(url: str, zone: "ZoneInfo") -> None:
    """However long ago it ran last, a demonstration goes on with the present day."""
    from psycopg import AsyncConnection

    from gerance.kernel import clock
    from gerance.kernel.daily_job import confirm

    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        await clock.synchronise(connection)
        await confirm(connection, clock.today(zone))
