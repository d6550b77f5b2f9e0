"""`gerance serve`: the server in production."""

from pathlib import Path
from typing import Annotated

import typer

from gerance.cli.demo_accounts import AllowDemoAccounts, require_no_demo_accounts
from gerance.cli.output import Home


def serve(
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
    workers: Annotated[
        int | None, typer.Option(help="Processes that answer requests.", show_default="1")
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(help="PEM file of the certificate chain: serve HTTPS.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file of its private key.")] = None,
    forwarded_allow_ips: Annotated[
        str | None,
        typer.Option(
            help="Proxies whose X-Forwarded-* headers count: addresses by comma, or '*'.",
            show_default="127.0.0.1",
        ),
    ] = None,
    allow_demo_accounts: AllowDemoAccounts = False,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Run pending migrations first.")
    ] = False,
) -> None:
    """Serve the APIs, until a signal; requests in flight finish.

    Without GERANCE_DATABASE_URL it runs the database of the home, and migrates it by itself.
    """
    import msgspec
    import structlog

    from gerance.cli.failures import Failure
    from gerance.cli.schema_check import require_migrated
    from gerance.cli.server import run_here, run_workers, shared_metrics
    from gerance.cli.sockets import address, bind, port_of
    from gerance.kernel.embedded import database
    from gerance.kernel.logging import configure_logging
    from gerance.kernel.settings import load_settings
    from gerance.kernel.tls import server_context

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
    if settings.tls_cert is not None:
        try:
            server_context(settings.tls_cert, settings.tls_key)
        except OSError as error:
            raise Failure(f"{settings.tls_cert} and its key cannot be used: {error}") from error
    with (
        bind(settings.host, settings.port, option="--port", share=settings.reuse_port) as listener,
        bind(settings.admin_host, settings.admin_port, option="--admin-port") as admin_listener,
        database(settings) as url,
        shared_metrics(settings.workers),
    ):
        require_migrated(settings, url, upgrade=upgrade)
        require_no_demo_accounts(settings, url)
        from gerance import gauges
        from gerance.kernel.http.admin import admin_port as admin

        settings = msgspec.structs.replace(
            settings,
            database_url=url,
            port=port_of(listener),
            admin_port=port_of(admin_listener),
        )
        scheme = "https" if settings.tls_cert else "http"
        started = {
            "url": address(scheme, settings.host, settings.port),
            "admin": address("http", settings.admin_host, settings.admin_port),
            "workers": settings.workers,
        }
        with admin(admin_listener, url, gauges.render) as stopping:
            if settings.workers > 1:
                log.info("starting", **started)
                run_workers(settings, listener, on_stop=stopping.set)
            else:
                from gerance.app import create_app

                run_here(
                    create_app(settings),
                    settings,
                    listener,
                    on_ready=lambda: log.info("serving", **started),
                    on_stop=stopping.set,
                )
