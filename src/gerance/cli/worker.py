"""`gerance worker`: the background loops."""

from typing import Annotated

import typer

from gerance.cli.demo_accounts import AllowDemoAccounts, require_no_demo_accounts
from gerance.cli.output import Home, say


def worker(
    home: Home = None,
    admin_port: Annotated[
        int | None,
        typer.Option(help="Port of /metrics, /live, /ready.", show_default="there is none"),
    ] = None,
    allow_demo_accounts: AllowDemoAccounts = False,
) -> None:
    """Run the background loops, until a signal; what is under way finishes or is undone."""
    import asyncio
    import contextlib
    import signal

    import msgspec
    import uvicorn

    from gerance import gauges
    from gerance.cli.schema_check import require_migrated
    from gerance.cli.sockets import bind
    from gerance.kernel.embedded import database
    from gerance.kernel.http.admin import admin_port as admin
    from gerance.kernel.logging import configure_logging
    from gerance.kernel.settings import Settings, load_settings
    from gerance.worker import run

    async def until_signal(settings: Settings) -> None:
        loops = asyncio.ensure_future(run(settings))
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, loops.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await loops

    settings = load_settings(
        home=home, admin_port=admin_port, allow_demo_accounts=allow_demo_accounts or None
    )
    configure_logging(settings.log_format, settings.log_level)
    with contextlib.ExitStack() as held:
        listener = None
        if admin_port is not None:
            listener = held.enter_context(
                bind(settings.admin_host, settings.admin_port, option="--admin-port")
            )
        url = held.enter_context(database(settings))
        require_migrated(settings, url)
        if settings.sftp_port is not None:
            require_no_demo_accounts(settings, url)
        if listener is not None:
            held.enter_context(admin(listener, url, gauges.render))
        say("The background loops run; Ctrl-C ends them.", err=True)
        # The same kind of loop as `serve` has.
        with asyncio.Runner(loop_factory=uvicorn.Config("").get_loop_factory()) as runner:
            runner.run(until_signal(msgspec.structs.replace(settings, database_url=url)))
