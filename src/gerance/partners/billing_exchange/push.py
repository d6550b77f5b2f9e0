"""Billing files to the partners' own servers: until they are there, for a day.

A push is claimed for a while, not locked: if whoever pushes is killed, another takes it up when
that is over. A file that arrives twice is the same file under the same name.
"""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import structlog
from psycopg.rows import dict_row

from gerance.kernel import keyring
from gerance.kernel.db import Connection, Pool
from gerance.kernel.errors import Refused
from gerance.kernel.identity.accounts import audit
from gerance.kernel.keyring import SecretKeyError
from gerance.kernel.stored_secrets import PUSH_TARGET
from gerance.kernel.webhooks.guard import Guard
from gerance.partners.billing_exchange.billing import BillingFile, named_file
from gerance.partners.billing_exchange.delivery import CHECKSUM, DamagedFile, restore
from gerance.partners.billing_exchange.folders import Folder
from gerance.partners.billing_exchange.places import OUTBOX, FilePath
from gerance.partners.billing_exchange.send import LONGEST_SECONDS, SendError, send
from gerance.partners.billing_exchange.target import PushTarget

log = structlog.get_logger("gerance.billing")

STEPS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 480, 480))
"""The pause after the first failure, the second, and so on: a day in all, then it is given up."""
LEASE = timedelta(seconds=2 * LONGEST_SECONDS)
"""After which a push that nobody has said anything of is taken up again."""


async def set_target(
    connection: Connection, code: str, target: PushTarget | None, *, actor: str = "operator"
) -> None:
    """Push the partner's files there from now on, or nowhere. Raises Refused: unknown partner."""
    partner_row = await connection.execute("SELECT FROM partner WHERE code = %s", [code])
    if await partner_row.fetchone() is None:
        raise Refused("UnknownPartner", f"There is no partner with the code {code}.")
    async with connection.transaction():
        await connection.execute("DELETE FROM partner_push_target WHERE partner = %s", [code])
        if target is not None:
            await connection.execute(
                "INSERT INTO partner_push_target (partner, document) VALUES (%s, %s)",
                [code, _stored(code, target)],
            )
        await audit(connection, actor, "partner push target set", code)


async def push_again(connection: Connection, code: str, name: str) -> None:
    """Push a file (again) from now on. Raises Refused: no such file, no target."""
    file = await named_file(connection, code, name)
    if file is None:
        raise Refused("UnknownBillingFile", f"{code} has no billing file called {name}.")
    result = await connection.execute(
        "INSERT INTO partner_push (file) SELECT %s FROM partner_push_target WHERE partner = %s"
        " ON CONFLICT (file) DO UPDATE SET failures = 0, due = now(), done = NULL, error = NULL",
        [file.id, code],
    )
    if result.rowcount == 0:
        raise Refused("NoPushTarget", f"{code} has no server to push to.")


async def list_pushes(connection: Connection, code: str | None = None) -> list[dict[str, Any]]:
    """What was pushed, will be, or was given up (neither `done` nor `due`): the newest first."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT f.partner, f.name, p.failures, p.due, p.done, p.error FROM partner_push p"
            " JOIN partner_billing_file f ON f.id = p.file"
            " WHERE %(code)s::text IS NULL OR f.partner = %(code)s ORDER BY f.id DESC LIMIT 1000",
            {"code": code},
        )
        return await cursor.fetchall()


async def push_due(pool: Pool, root: Path, networks: Sequence[str]) -> bool:
    """Push one file that is due; whether there was one.

    `networks`: private ones that may be called all the same.
    """
    async with pool.connection() as connection:
        rows = await connection.execute(_CLAIM, {"lease": LEASE})
        row = await rows.fetchone()
        if row is None:
            return False
        code, name, document, failures = row
        file = await named_file(connection, code, name)
        assert file is not None
        try:
            if document is None:
                raise SendError("the partner has no server to push to any more")
            await restore(connection, root, file)
        except (SendError, DamagedFile, OSError) as failure:
            await _failed(connection, file, failures, str(failure))
            return True
    try:
        await _push(root, file, _target(code, document), networks)
    except (SendError, SecretKeyError) as failure:
        async with pool.connection() as connection:
            await _failed(connection, file, failures, str(failure))
        return True
    async with pool.connection() as connection:
        await connection.execute(
            "UPDATE partner_push SET done = now(), due = NULL, error = NULL WHERE file = %s",
            [file.id],
        )
    log.info("billing file pushed", partner=code, file=name)
    return True


_CLAIM = (
    "UPDATE partner_push p SET due = now() + %(lease)s FROM partner_billing_file f"
    " WHERE f.id = p.file AND p.file = (SELECT file FROM partner_push WHERE due <= now()"
    " ORDER BY due LIMIT 1 FOR UPDATE SKIP LOCKED)"
    " RETURNING f.partner, f.name, (SELECT t.document FROM partner_push_target t"
    " WHERE t.partner = f.partner), p.failures"
)


def _stored(code: str, target: PushTarget) -> str:
    """The target as it is stored: its password or key is encrypted with all of it."""
    return keyring.encrypt(PUSH_TARGET, code, msgspec.json.encode(target).decode())


def _target(code: str, document: str) -> PushTarget:
    return msgspec.json.decode(keyring.decrypt(PUSH_TARGET, code, document), type=PushTarget)


async def _push(root: Path, file: BillingFile, target: PushTarget, networks: Sequence[str]) -> None:
    folder = Folder(root, file.partner)
    with ExitStack() as stack:
        files: list[tuple[str, BinaryIO]] = []
        for name in (file.name, file.name + CHECKSUM):
            descriptor = folder.open_to_read(FilePath(OUTBOX, name))
            files.append((name, stack.enter_context(os.fdopen(descriptor, "rb"))))
        await send(target, files, Guard(networks).check_address)


async def _failed(connection: Connection, file: BillingFile, failures: int, why: str) -> None:
    """Write down that it failed, and when it is tried again, if it is."""
    pause = STEPS[failures] if failures < len(STEPS) else None
    await connection.execute(
        "UPDATE partner_push SET failures = failures + 1, error = %s, due = now() + %s"
        " WHERE file = %s",
        [why, pause, file.id],
    )
    log.warning(
        "billing file not pushed",
        partner=file.partner,
        file=file.name,
        reason=why,
        again=None if pause is None else str(pause),
    )
