"""Run the application under uvicorn until a signal, in this process or in several."""

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

# How long requests in progress may take to finish when the server stops.
GRACE_SECONDS = 4
# All connections count as accepted when none has arrived for this long. Where other workers listen
# on the same socket, the number of checks is limited: nothing is lost when this one closes it.
QUIET_SECONDS, QUIET_CHECKS = 0.3, 4
# A process that is still running this long after it has drained is killed.
STOP_SECONDS = 10.0
# A worker that takes longer to start, or to answer its supervisor, is replaced.
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
    """Serve in this process. `on_ready` is called when requests are answered, `on_stop` when a
    signal arrives."""
    raise_descriptor_limit()
    server = _DrainingServer(_config(app, settings), on_ready=on_ready, on_stop=on_stop, alone=True)
    # uvicorn handles SIGINT and SIGTERM itself.
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, server.handle_exit)
    _freeze_garbage_collection()
    try:
        server.run(sockets=[listener])
    except SystemExit as error:
        # uvicorn exits when the application does not start; the reason is in the log.
        raise RuntimeError("the application did not start") from error
    finally:
        server.deadline.cancel()
        shield()


def run_workers(settings: Settings, listener: socket, *, on_stop: Callable[[], None]) -> None:
    """Serve in `settings.workers` processes. Those that die are replaced."""
    os.environ.update(environment(settings))
    raise_descriptor_limit()
    config = _config("gerance.cli.server.process:application", settings, factory=True)
    # uvicorn's supervisor creates its processes with this class.
    multiprocess.Process = _Worker  # type: ignore[misc]
    try:
        _Supervisor(config, listener, on_stop).run()
    finally:
        shield()


@contextlib.contextmanager
def shared_metrics(workers: int) -> Iterator[None]:
    """A directory in which several processes share their metrics. Enter it before metrics are
    imported."""
    if workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="gerance-metrics-") as directory:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(Path(directory))
        yield


def application() -> Starlette:
    """The application of a worker process, with settings from the environment."""
    from gerance.app import create_app

    settings = load_settings()
    configure_logging(settings.log_format, settings.log_level)
    keyring.use(settings)
    app = create_app(settings)
    _freeze_garbage_collection()
    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    return app


def _end_with_supervisor() -> None:
    """Stop when the supervisor is killed: this process would occupy the port for ever."""
    if (supervisor := multiprocessing.parent_process()) is not None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _end_at_once() -> None:
    """Kill this process, which has not stopped in time."""
    _log.error("the server has not stopped in time", seconds=STOP_SECONDS)
    os._exit(1)


def _freeze_garbage_collection() -> None:
    """Exclude the loaded modules from garbage collection: with 16 clients, the longest answers get
    some 15 ms shorter."""
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
    """The TLS context, with the signature that uvicorn expects."""
    return server_context(certificate, key)


class _DrainingServer(uvicorn.Server):
    """A server that reports when it is ready and when it stops, and drains before it stops.

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
        """Report the stop, accept connections for a moment, then close."""
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
            count = gate.accept_count
            await asyncio.sleep(QUIET_SECONDS)
            if count == gate.accept_count:
                break
        # uvicorn logs an error when a stop cuts a request. For long requests that is expected.
        uvicorn_log = logging.getLogger("uvicorn.error")
        uvicorn_log.addFilter(_warn_about_cut_requests)
        try:
            await super().shutdown(sockets=sockets)
        finally:
            uvicorn_log.removeFilter(_warn_about_cut_requests)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True


def _warn_about_cut_requests(record: logging.LogRecord) -> bool:
    """Replace uvicorn's records about cut requests by one warning. Other records pass."""
    if record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError):
        return False
    if not str(record.msg).startswith("Cancel %s running task"):
        return True
    requests = record.args[0] if isinstance(record.args, tuple) else None
    _log.warning("requests cut by the stop", requests=requests)
    return False


class _Worker(multiprocess.Process):
    """One of several serving processes."""

    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            assert isinstance(self.config, Config)
            self._server = _DrainingServer(self.config)
        return self._server


class _Supervisor(multiprocess.Multiprocess):
    """Starts the workers, replaces those that die, and replaces all of them in turn on SIGHUP."""

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
                _log.error("a worker has not stopped in time", pid=process.pid)
                process.process.kill()
        super().join_all()
