"""A database as this release needs it, before anything runs on it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gerance.kernel.settings import Settings


def require_migrated(settings: "Settings", url: str, *, upgrade: bool | None = None) -> None:
    """Migrate the embedded database; another one if `upgrade`, None where there is no such option.

    Raises Failure, naming what the database lacks. A schema that differs from the declared one is
    logged as an error: some requests will fail on it, most need not.
    """
    import psycopg
    import structlog

    from gerance import migrations
    from gerance.cli.failures import Failure
    from gerance.migrations import catalog

    if upgrade or settings.database_url is None:
        migrations.upgrade(url)
    elif lacking := migrations.pending(url):
        option = "" if upgrade is None else ", or add --upgrade"
        raise Failure(
            f"the database lacks migrations ({', '.join(lacking)}): "
            f"run `gerance db upgrade`{option}"
        )
    with psycopg.connect(url, connect_timeout=5) as connection:
        newest = migrations.is_newest(migrations.revision(connection))
        if newest and (missing := catalog.missing(connection)):
            log = structlog.get_logger(__name__)
            log.error(
                "schema differs: run `gerance db check`", objects=len(missing), first=missing[0]
            )
