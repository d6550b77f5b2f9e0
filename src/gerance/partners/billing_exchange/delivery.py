"""Delivery of billing files into the partners' folders, with retries."""

import hashlib
import os
from pathlib import Path

import structlog

from gerance.kernel.db import Connection, Pool
from gerance.partners.billing_exchange.billing import BillingFile, content, undelivered
from gerance.partners.billing_exchange.folders import Folder
from gerance.partners.billing_exchange.places import OUTBOX, FilePath

log = structlog.get_logger("gerance.billing")

CHECKSUM = ".sha256"
"""The suffix of the checksum file."""


class DamagedFile(Exception):
    """The stored lines differ from those that were billed. The message names the file."""


async def deliver(connection: Connection, root: Path, file: BillingFile) -> None:
    """Write the file and its checksum to /outbox, replacing existing files.

    Raises DamagedFile, without writing, when the stored lines differ from those that were billed.
    """
    folder = Folder(root, file.partner)
    with folder.writing(OUTBOX, file.name) as output:
        digest = hashlib.sha256()
        async for chunk in content(connection, file):
            digest.update(chunk)
            output.write(chunk)
        if digest.hexdigest() != file.sha256:
            raise DamagedFile(f"{file.name}: its lines in the database have changed")
    folder.deliver(OUTBOX, file.name + CHECKSUM, [file.checksum])
    await connection.execute(
        "UPDATE partner_billing_file SET delivered = coalesce(delivered, now()) WHERE id = %s",
        [file.id],
    )


async def restore(connection: Connection, root: Path, file: BillingFile) -> bool:
    """Deliver a file unless /outbox has the same bytes. Returns whether it was delivered.

    Raises DamagedFile as `deliver` does.
    """
    folder = Folder(root, file.partner)
    if (
        _digest(folder, file.name) == file.sha256
        and _digest(folder, file.name + CHECKSUM) == hashlib.sha256(file.checksum).hexdigest()
        and file.delivered is not None
    ):
        return False
    await deliver(connection, root, file)
    return True


async def deliver_all(pool: Pool, root: Path) -> None:
    """Deliver every file that is computed but not delivered, after a kill or on another machine.
    The next call retries failed files."""
    async with pool.connection() as connection:
        for file in await undelivered(connection):
            try:
                await deliver(connection, root, file)
            except (OSError, DamagedFile) as failure:
                log.warning("billing file not delivered", file=file.name, reason=str(failure))


def _digest(folder: Folder, name: str) -> str | None:
    """The SHA-256 of a file in /outbox, None without one."""
    try:
        descriptor = folder.open_to_read(FilePath(OUTBOX, name))
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
