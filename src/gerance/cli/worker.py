"""`gerance worker`: the background jobs."""

from typing import Annotated

import typer

from gerance.cli.demo_accounts import require_no_demo_accounts
from gerance.cli.options import AllowDemoAccounts, Home
from gerance.cli.output import say


def worker(
    home: Home = None,
    admin_port: Annotated[
        int | None,
        typer.Option(
            help="Port of /metrics, /live and /ready; 0: any free one.", show_default="none"
        ),
    ] = None,
    allow_demo_accounts: AllowDemoAccounts = False,
) -> None:
    """Run the background jobs until a signal. Work in progress finishes or is undone."""
    import asyncio
    import contextlib

    import msgspec
    import uvicorn

    from gerance import gauges
    from gerance.cli.schema_check import require_migrated
    from gerance.cli.server.sockets import bind
    from gerance.cli.signals import until_signal
    from gerance.kernel.embedded import database
    from gerance.kernel.http import admin
    from gerance.kernel.logging import configure_logging
    from gerance.kernel.settings import load_settings
    from gerance.worker import run

    settings = load_settings(
        home=home, admin_port=admin_port, allow_demo_accounts=allow_demo_accounts or None
    )
    configure_logging(settings.log_format, settings.log_level)
    with contextlib.ExitStack() as stack:
        listener = None
        if admin_port is not None:
            listener = stack.enter_context(
                bind(settings.admin_host, settings.admin_port, option="--admin-port")
            )
        url = stack.enter_context(database(settings))
        require_migrated(settings, url)
        if settings.sftp_port is not None:
            require_no_demo_accounts(settings, url)
        if listener is not None:
            stack.enter_context(admin.admin_port(listener, url, gauges.render))
        say("The background jobs are running. Stop them with Ctrl-C.", err=True)
        # The event loop that `serve` uses.
        with asyncio.Runner(loop_factory=uvicorn.Config("").get_loop_factory()) as runner:
            runner.run(until_signal(run(msgspec.structs.replace(settings, database_url=url))))
