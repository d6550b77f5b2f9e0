"""Run the application under uvicorn, in this process or in several, until a signal ends it."""

import asyncio
import contextlib
import gc
import logging
import multiprocessing
import os
import signal
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from socket import socket
from types import FrameType
from typing import Any

import structlog
import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import multiprocess

from gerance.cli.server.connection import Connection
from gerance.cli.server.drain import turn_away
from gerance.cli.server.gate import Config, gate_of, raise_descriptor_limit
from gerance.cli.signals import shield
from gerance.kernel import keyring
from gerance.kernel.logging import configure_logging
from gerance.kernel.settings import Settings, environment, load_settings
from gerance.kernel.tls import server_context

# Requests in flight have this long to finish; the database then has what is left of ten seconds.
GRACE_SECONDS = 4
# Connections count as all accepted when none came for so long. It does not end where other workers
# still listen on the socket; then nothing is lost when this one closes it.
QUIET_SECONDS, QUIET_CHECKS = 0.3, 4
# A process that has not ended so long after it has drained is ended at once.
STOP_SECONDS = 10.0
# A worker that takes longer to start, or to answer its supervisor, is given up.
WORKER_SECONDS = 60

_log = structlog.get_logger(__name__)


def run_here(
    app: Starlette,
    settings: Settings,
    listener: socket,
    *,
    on_ready: Callable[[], None],
    on_stop: Callable[[], None] = lambda: None,
) -> None:
    """Serve in this process; `on_ready` is called once requests are answered, `on_stop` when a
    signal has come."""
    raise_descriptor_limit()
    server = _Server(_config(app, settings), on_ready=on_ready, on_stop=on_stop, alone=True)
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
        server.deadline.cancel()
        shield()


def run_workers(settings: Settings, listener: socket, *, on_stop: Callable[[], None]) -> None:
    """Serve in `settings.workers` processes, which are replaced when they die."""
    os.environ.update(environment(settings))
    raise_descriptor_limit()
    config = _config("gerance.cli.server.process:application", settings, factory=True)
    # uvicorn's supervisor makes its processes by this name.
    multiprocess.Process = _Worker  # type: ignore[misc]
    try:
        _Supervisor(config, listener, on_stop).run()
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
    keyring.use(settings)
    app = create_app(settings)
    _keep_what_is_here()
    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    return app


def _end_with_supervisor() -> None:
    """Stop when the process that started this one is killed: it would hold the port for ever."""
    if (supervisor := multiprocessing.parent_process()) is not None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _end_at_once() -> None:
    """Whatever hangs, a process that was told to stop ends."""
    _log.error("the server does not end by itself", seconds=STOP_SECONDS)
    os._exit(1)


def _keep_what_is_here() -> None:
    """Take what the program consists of out of the collector's rounds: with 16 clients the longest
    answers of a run came some 15 ms sooner for it."""
    gc.collect()
    gc.freeze()


def _config(app: Starlette | str, settings: Settings, **more: Any) -> Config:
    config = Config(
        app,
        workers=settings.workers,
        loop="uvloop",
        http="gerance.cli.server.handshake:accept",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_worker_healthcheck=WORKER_SECONDS,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=str(settings.tls_key) if settings.tls_key else None,
        ssl_context_factory=partial(_tls, settings.tls_cert, settings.tls_key)
        if settings.tls_cert
        else None,
        **more,
    )
    config.settings = settings
    return config


def _tls(certificate: Path, key: Path | None, *_: object) -> ssl.SSLContext:
    """The context of a server, as uvicorn asks for it."""
    return server_context(certificate, key)


class _Server(uvicorn.Server):
    """A server that tells when it serves and when it stops, and drains before it does.

    `alone`: no other process accepts connections on its sockets.
    """

    def __init__(
        self,
        config: Config,
        *,
        on_ready: Callable[[], None] = lambda: None,
        on_stop: Callable[[], None] = lambda: None,
        alone: bool = False,
    ) -> None:
        super().__init__(config)
        self._on_ready, self._on_stop, self._alone = on_ready, on_stop, alone
        seconds = STOP_SECONDS + (config.settings.drain_seconds if config.settings else 0.0)
        self.deadline = threading.Timer(seconds, _end_at_once)
        self.deadline.daemon = True

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started and not self.should_exit:
            self._on_ready()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Say that it stops, accept for a moment what still comes, then close."""
        gate = gate_of(self.server_state, self.config)
        gate.draining = True
        if self._alone:
            self.deadline.start()
        self._on_stop()
        _log.info("stopping", connections=len(self.server_state.connections))
        for connection in list(self.server_state.connections):
            if isinstance(connection, Connection):
                connection.announce_stop()
        await asyncio.sleep(gate.settings.drain_seconds)
        if self._alone:
            turn_away(sockets or [])
        for _ in range(QUIET_CHECKS):
            accepted = gate.accepted
            await asyncio.sleep(QUIET_SECONDS)
            if accepted == gate.accepted:
                break
        # uvicorn calls it an error that requests are cut, which a stop may do to the longest ones.
        uvicorn_log = logging.getLogger("uvicorn.error")
        uvicorn_log.addFilter(_warn_of_cut_requests)
        try:
            await super().shutdown(sockets=sockets)
        finally:
            uvicorn_log.removeFilter(_warn_of_cut_requests)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True


def _warn_of_cut_requests(record: logging.LogRecord) -> bool:
    """Say in our own words that requests are cut, once for all of them; other records pass."""
    if record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError):
        return False
    if not str(record.msg).startswith("Cancel %s running task"):
        return True
    requests = record.args[0] if isinstance(record.args, tuple) else None
    _log.warning("requests cut by the stop", requests=requests)
    return False


class _Worker(multiprocess.Process):
    """One of several processes that serve."""

    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            assert isinstance(self.config, Config)
            self._server = _Server(self.config)
        return self._server


class _Supervisor(multiprocess.Multiprocess):
    """Starts the workers, replaces those that die, and on SIGHUP all of them, one by one."""

    def __init__(self, config: Config, listener: socket, on_stop: Callable[[], None]) -> None:
        super().__init__(config, sockets=[listener])
        self._on_stop = on_stop
        self._drain_seconds = config.settings.drain_seconds if config.settings else 0.0

    def terminate_all(self) -> None:
        self._on_stop()
        super().terminate_all()
        time.sleep(self._drain_seconds)
        turn_away(self.sockets)

    def join_all(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        for process in self.processes:
            process.process.join(max(0.0, deadline - time.monotonic()))
            if process.process.is_alive():
                _log.error("a worker does not end", pid=process.pid)
                process.process.kill()
        super().join_all()
