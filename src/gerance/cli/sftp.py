"""`gerance sftp`: the folders of partners, served by themselves."""

from typing import Annotated

import typer

from gerance.cli.demo_accounts import AllowDemoAccounts, require_no_demo_accounts
from gerance.cli.output import Home, say


def sftp(
    home: Home = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port, 0 for any free one.", show_default="2222")
    ] = None,
    allow_demo_accounts: AllowDemoAccounts = False,
) -> None:
    """Serve the folders of partners by SFTP, until a signal.

    `gerance serve` does so by itself when `sftp_port` is set. What partners send is read by
    `gerance serve` or `gerance worker`, which must see the same directory.
    """
    import asyncio
    import contextlib
    import signal

    import msgspec

    from gerance.cli.failures import Failure
    from gerance.cli.schema_check import require_migrated
    from gerance.kernel.db import open_pool
    from gerance.kernel.embedded import database
    from gerance.kernel.logging import configure_logging
    from gerance.kernel.settings import Settings, load_settings
    from gerance.partners.billing_exchange.sftp_service import serve_files

    async def serve(settings: Settings, url: str) -> None:
        def ready(port: int) -> None:
            where = f"{settings.sftp_host}:{port}"
            say(f"SFTP for partners on {where}; Ctrl-C ends it.", err=True)

        async with open_pool(
            url, size=4, statement_timeout_ms=settings.statement_timeout_ms
        ) as pool:
            try:
                await serve_files(pool, settings, ready)
            except OSError as error:
                where = f"{settings.sftp_host} port {settings.sftp_port}"
                raise Failure(f"cannot listen on {where}: {error.strerror}") from error

    async def until_signal(settings: Settings, url: str) -> None:
        serving = asyncio.ensure_future(serve(settings, url))
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await serving

    settings = load_settings(
        home=home, sftp_host=host, sftp_port=port, allow_demo_accounts=allow_demo_accounts or None
    )
    if settings.sftp_port is None:
        settings = msgspec.structs.replace(settings, sftp_port=2222)
    configure_logging(settings.log_format, settings.log_level)
    with database(settings) as url:
        require_migrated(settings, url)
        require_no_demo_accounts(settings, url)
        asyncio.run(until_signal(settings, url))
