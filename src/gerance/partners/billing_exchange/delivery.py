"""Billing files into the partners' folders, at once or as soon as that is possible again."""

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
"""What the name of a file's checksum has behind the file's own."""


class DamagedFile(Exception):
    """The lines in the database are not those that were billed; the message names the file."""


async def deliver(connection: Connection, root: Path, file: BillingFile) -> None:
    """Put the file and its checksum into /outbox, over what is there.

    Raises DamagedFile, and puts nothing there, if its bytes are not those that were billed.
    """
    folder = Folder(root, file.partner)
    with folder.writing(OUTBOX, file.name) as output:
        digest = hashlib.sha256()
        async for chunk in content(connection, file):
            digest.update(chunk)
            output.write(chunk)
        if digest.hexdigest() != file.sha256:
            raise DamagedFile(f"{file.name}: its lines in the database were changed")
    folder.deliver(OUTBOX, file.name + CHECKSUM, [file.checksum])
    await connection.execute(
        "UPDATE partner_billing_file SET delivered = coalesce(delivered, now()) WHERE id = %s",
        [file.id],
    )


async def restore(connection: Connection, root: Path, file: BillingFile) -> bool:
    """Deliver a file unless its very bytes are in /outbox; whether that was needed.

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
    """Deliver every file that was computed and not delivered: whoever computed it was killed, or
    is on another machine. What fails is tried again when this is called again."""
    async with pool.connection() as connection:
        for file in await undelivered(connection):
            try:
                await deliver(connection, root, file)
            except (OSError, DamagedFile) as failure:
                log.warning("billing file not delivered", file=file.name, reason=str(failure))


def _digest(folder: Folder, name: str) -> str | None:
    """SHA-256 of a file in /outbox, None when there is none."""
    try:
        descriptor = folder.open_to_read(FilePath(OUTBOX, name))
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
