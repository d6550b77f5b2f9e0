"""The SFTP server as a background job. One process on a machine serves."""

import asyncio
import errno
from collections.abc import Callable
from pathlib import Path

import structlog

from gerance.kernel.background import repeat
from gerance.kernel.db import Pool
from gerance.kernel.settings import Settings
from gerance.partners.billing_exchange.host_key import host_keys
from gerance.partners.billing_exchange.sftp_server import sftp_server

log = structlog.get_logger("gerance.sftp")

PAUSE_SECONDS = 5.0


def partners_root(settings: Settings) -> Path:
    """The directory of the partners' folders."""
    return settings.partners_dir or settings.home / "partners"


async def serve_files(
    pool: Pool, settings: Settings, on_ready: Callable[[int], None] = lambda port: None
) -> None:
    """Serve until cancelled. `on_ready` receives the port. Raises OSError when it is not
    available."""
    assert settings.sftp_port is not None
    keys = await asyncio.to_thread(host_keys, settings.home)
    async with sftp_server(
        pool, partners_root(settings), keys, host=settings.sftp_host, port=settings.sftp_port
    ) as port:
        fingerprints = [f"{key.get_algorithm()} {key.get_fingerprint()}" for key in keys]
        log.info("serving SFTP", host=settings.sftp_host, port=port, keys=fingerprints)
        on_ready(port)
        await asyncio.Event().wait()


async def keep_serving_files(pool: Pool, settings: Settings) -> None:
    """Serve until cancelled. One process on a machine has the port; the others wait for it."""
    port_in_use = False

    async def turn() -> None:
        nonlocal port_in_use
        try:
            await serve_files(pool, settings)
        except OSError as failure:
            if failure.errno != errno.EADDRINUSE:
                log.warning("SFTP not served; trying again", reason=str(failure))
            elif not port_in_use:
                log.info("another process has the SFTP port", port=settings.sftp_port)
                port_in_use = True

    await repeat(turn, seconds=PAUSE_SECONDS, failure="SFTP not served; trying again", log=log)
