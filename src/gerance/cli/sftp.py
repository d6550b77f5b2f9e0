"""`gerance sftp`: the folders of partners, in a process of their own."""

from typing import Annotated

import typer

from gerance.cli.demo_accounts import require_no_demo_accounts
from gerance.cli.options import AllowDemoAccounts, Home, Host
from gerance.cli.output import say


def sftp(
    home: Home = None,
    host: Host = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0: any free one.", show_default="2222")
    ] = None,
    allow_demo_accounts: AllowDemoAccounts = False,
) -> None:
    """Serve the folders of partners by SFTP until a signal.

    `gerance serve` does the same when `sftp_port` is set. `gerance serve` or `gerance worker`
    processes the files that partners upload, and must use the same directory.
    """
    import asyncio

    import msgspec

    from gerance.cli.failures import Failure
    from gerance.cli.schema_check import require_migrated
    from gerance.cli.signals import until_signal
    from gerance.kernel.db import open_pool
    from gerance.kernel.embedded import database
    from gerance.kernel.logging import configure_logging
    from gerance.kernel.settings import load_settings
    from gerance.partners.billing_exchange.sftp_service import serve_files

    settings = load_settings(
        home=home, sftp_host=host, sftp_port=port, allow_demo_accounts=allow_demo_accounts or None
    )
    if settings.sftp_port is None:
        settings = msgspec.structs.replace(settings, sftp_port=2222)
    configure_logging(settings.log_format, settings.log_level)

    def ready(port: int) -> None:
        say(f"Serving SFTP on {settings.sftp_host}:{port}. Stop with Ctrl-C.", err=True)

    async def serve(url: str) -> None:
        limit = settings.statement_timeout_ms
        async with open_pool(url, size=4, statement_timeout_ms=limit) as pool:
            try:
                await serve_files(pool, settings, ready)
            except OSError as error:
                where = f"{settings.sftp_host} port {settings.sftp_port}"
                raise Failure(f"cannot listen on {where}: {error.strerror}") from error

    with database(settings) as url:
        require_migrated(settings, url)
        require_no_demo_accounts(settings, url)
        asyncio.run(until_signal(serve(url)))
