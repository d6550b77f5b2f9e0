"""Start the server of an installation: its sockets, its admin port, its processes."""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from gerance.cli.failures import Failure
from gerance.cli.server.sockets import address, bind, port_of

if TYPE_CHECKING:
    from socket import socket

    from gerance.kernel.settings import Settings


class Listeners(NamedTuple):
    """The sockets of a server: for requests, and for `/metrics`, `/live` and `/ready`."""

    api: "socket"
    admin: "socket"


@contextlib.contextmanager
def open_listeners(settings: "Settings", *, any_admin_port: bool = False) -> Iterator[Listeners]:
    """Bind the sockets before anything else starts, and close them at the end.

    `any_admin_port`: use any free port when that of the settings is taken. Raises Failure.
    """
    with contextlib.ExitStack() as stack:
        api = bind(settings.host, settings.port, option="--port", share=settings.reuse_port)
        stack.enter_context(api)
        try:
            admin = bind(settings.admin_host, settings.admin_port, option="--admin-port")
        except Failure:
            if not any_admin_port:
                raise
            admin = bind(settings.admin_host, 0, option="--admin-port")
        yield Listeners(api, stack.enter_context(admin))


def check_certificate(settings: "Settings") -> None:
    """Raises Failure when the TLS certificate of the settings or its key cannot be used."""
    from gerance.kernel.tls import server_context

    if settings.tls_cert is None:
        return
    try:
        server_context(settings.tls_cert, settings.tls_key)
    except OSError as error:
        raise Failure(f"{settings.tls_cert} and its key cannot be used: {error}") from error


def server_urls(settings: "Settings", listeners: Listeners) -> tuple[str, str]:
    """The URLs of the API and of the admin port."""
    scheme = "https" if settings.tls_cert else "http"
    return (
        address(scheme, settings.host, port_of(listeners.api)),
        address("http", settings.admin_host, port_of(listeners.admin)),
    )


def serve_until_signal(
    settings: "Settings",
    database_url: str,
    listeners: Listeners,
    *,
    on_ready: Callable[[], None],
) -> None:
    """Serve requests until a signal; those in progress finish.

    `on_ready` is called when requests are answered; with several processes, when they start.
    """
    from gerance import gauges
    from gerance.app import create_app
    from gerance.cli.server.process import run_here, run_workers
    from gerance.kernel.http.admin import admin_port

    settings = msgspec.structs.replace(
        settings,
        database_url=database_url,
        port=port_of(listeners.api),
        admin_port=port_of(listeners.admin),
    )
    with admin_port(listeners.admin, database_url, gauges.render) as stop_signal:
        if settings.workers > 1:
            on_ready()
            run_workers(settings, listeners.api, on_stop=stop_signal.set)
        else:
            run_here(
                create_app(settings),
                settings,
                listeners.api,
                on_ready=on_ready,
                on_stop=stop_signal.set,
            )
