"""Check of the database schema before a server or worker starts."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gerance.kernel.settings import Settings


def require_migrated(settings: "Settings", url: str, *, upgrade: bool | None = None) -> None:
    """Migrate the embedded database, and any other database if `upgrade`.

    `upgrade` is None in commands that have no such option. Raises Failure when migrations are
    pending. A schema that differs from the declared one is logged as an error: only some requests
    fail on it. The keys that encrypt secrets become those of the process.
    """
    import psycopg
    import structlog

    from gerance import migrations
    from gerance.cli.failures import Failure
    from gerance.kernel import keyring
    from gerance.kernel.stored_secrets import plain_columns, require_keys
    from gerance.migrations import catalog

    log = structlog.get_logger(__name__)

    if upgrade or settings.database_url is None:
        migrations.upgrade(url)
    elif pending := migrations.pending(url):
        option = "" if upgrade is None else ", or add --upgrade"
        raise Failure(
            f"the database schema is out of date (pending migrations: {', '.join(pending)}):"
            f" run `gerance db upgrade`{option}"
        )
    with psycopg.connect(url, connect_timeout=5) as connection:
        newest = migrations.is_newest(migrations.revision(connection))
        if newest and (missing := catalog.missing(connection)):
            log.error(
                "schema differs: run `gerance db check`", objects=len(missing), first=missing[0]
            )
        if require_keys(connection, settings):
            log.warning(
                "created a key for secrets: back it up, apart from the database",
                file=keyring.keyring().source,
            )
        if not (plain := plain_columns(connection)):
            return
    if settings.database_url is None:
        encrypt_secrets(url)
    else:
        log.warning(
            "secrets are not encrypted: run `gerance secrets encrypt` when no process of the"
            " previous release is running",
            columns=plain,
        )


def encrypt_secrets(url: str) -> int:
    """Encrypt the secrets that are not encrypted with the current key; returns their number."""
    import asyncio

    from psycopg import AsyncConnection

    from gerance.kernel.stored_secrets import encrypt_all

    async def run() -> int:
        async with await AsyncConnection.connect(url, autocommit=True) as connection:
            return await encrypt_all(connection)

    return asyncio.run(run())
