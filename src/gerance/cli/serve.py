"""`gerance serve`: the server in production."""

from pathlib import Path
from typing import Annotated

import typer

from gerance.cli.demo_accounts import require_no_demo_accounts
from gerance.cli.options import AdminPort, AllowDemoAccounts, Home, Host, Port


def serve(
    home: Home = None,
    host: Host = None,
    port: Port = None,
    admin_port: AdminPort = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes that answer requests.", show_default="1")
    ] = None,
    tls_cert: Annotated[
        Path | None,
        typer.Option(
            help="PEM file of the certificate chain; serves HTTPS.", show_default="plain HTTP"
        ),
    ] = None,
    tls_key: Annotated[
        Path | None,
        typer.Option(help="PEM file of the private key.", show_default="the file of --tls-cert"),
    ] = None,
    forwarded_allow_ips: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESSES",
            help="Trust X-Forwarded-* headers of these proxies: addresses separated by commas, or"
            " '*'.",
            show_default="127.0.0.1",
        ),
    ] = None,
    allow_demo_accounts: AllowDemoAccounts = False,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Run pending migrations first.")
    ] = False,
) -> None:
    """Serve the APIs until a signal. Requests in progress finish.

    Without GERANCE_DATABASE_URL, the embedded database of the installation is started and
    migrated.
    """
    import structlog

    from gerance.cli.schema_check import require_migrated
    from gerance.cli.server.process import shared_metrics
    from gerance.cli.server.start import (
        check_certificate,
        open_listeners,
        serve_until_signal,
        server_urls,
    )
    from gerance.kernel.embedded import database
    from gerance.kernel.logging import configure_logging
    from gerance.kernel.settings import load_settings

    settings = load_settings(
        home=home,
        host=host,
        port=port,
        admin_port=admin_port,
        workers=workers,
        tls_cert=tls_cert,
        tls_key=tls_key,
        forwarded_allow_ips=forwarded_allow_ips,
        allow_demo_accounts=allow_demo_accounts or None,
    )
    configure_logging(settings.log_format, settings.log_level)
    log = structlog.get_logger(__name__)
    check_certificate(settings)
    with (
        open_listeners(settings) as listeners,
        database(settings) as database_url,
        shared_metrics(settings.workers),
    ):
        require_migrated(settings, database_url, upgrade=upgrade)
        require_no_demo_accounts(settings, database_url)
        url, admin = server_urls(settings, listeners)
        event = "serving" if settings.workers == 1 else "starting"
        serve_until_signal(
            settings,
            database_url,
            listeners,
            on_ready=lambda: log.info(event, url=url, admin=admin, workers=settings.workers),
        )
