"""Run the application under uvicorn, in this process or in several, until a signal ends it."""

import contextlib
import gc
import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from socket import socket
from types import FrameType
from typing import Any

import structlog
import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from gerance.cli.stopping import shield
from gerance.kernel.logging import configure_logging
from gerance.kernel.settings import Settings, environment, load_settings

# Requests in flight have this long to finish; the database then has what is left of ten seconds.
GRACE_SECONDS = 4

_log = structlog.get_logger(__name__)


def run_here(
    app: Starlette, settings: Settings, listener: socket, on_ready: Callable[[], None]
) -> None:
    """Serve in this process; `on_ready` is called once requests are answered."""
    server = _Server(uvicorn.Config(app, **_options(settings)), on_ready)
    # uvicorn heeds the other two itself.
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, server.handle_exit)
    _keep_what_is_here()
    try:
        server.run(sockets=[listener])
    except SystemExit as failed:
        # uvicorn says so when the application does not start; what it was is in the log.
        raise RuntimeError("the application did not start") from failed
    finally:
        shield()


def run_workers(settings: Settings, listener: socket) -> None:
    """Serve in `settings.workers` processes, which are replaced when they die."""
    os.environ.update(environment(settings))
    config = uvicorn.Config(
        "gerance.cli.serving:application",
        factory=True,
        workers=settings.workers,
        **_options(settings),
    )
    try:
        Multiprocess(config, sockets=[listener]).run()
    finally:
        shield()


@contextlib.contextmanager
def shared_metrics(workers: int) -> Iterator[None]:
    """Where several processes add up their counters; enter it before metrics are imported."""
    if workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="gerance-metrics-") as directory:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(Path(directory))
        yield


def application() -> Starlette:
    """The application of a worker process; its settings are in the environment."""
    from gerance.app import create_app

    settings = load_settings()
    configure_logging(settings.log_format, settings.log_level)
    app = create_app(settings)
    _keep_what_is_here()
    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    return app


def _end_with_supervisor() -> None:
    """Stop when the process that started this one is killed: it would hold the port for ever."""
    if (supervisor := multiprocessing.parent_process()) is not None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _keep_what_is_here() -> None:
    """Take what the program consists of out of the collector's rounds: with 16 clients the longest
    answers of a run came some 15 ms sooner for it."""
    gc.collect()
    gc.freeze()


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "loop": "uvloop",
        "http": "gerance.cli.connection:Connection",
        "ws": "none",
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": True,
        "forwarded_allow_ips": settings.forwarded_allow_ips,
        "timeout_graceful_shutdown": GRACE_SECONDS,
        "ssl_certfile": settings.tls_cert,
        "ssl_keyfile": settings.tls_key,
    }


class _Server(uvicorn.Server):
    """A server that tells when it serves, and ends `run` rather than the process on a signal."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started and not self.should_exit:
            self._on_ready()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        _log.info("stopping", connections=len(self.server_state.connections))
        await super().shutdown(sockets=sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True
