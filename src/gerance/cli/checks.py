"""The checks of `gerance doctor`."""

import datetime
import os
import shutil
import stat
import time
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import msgspec
import psycopg

from gerance import migrations
from gerance.cli.certificate import RENEWAL, expiry
from gerance.cli.demo_accounts import demo_accounts
from gerance.kernel import keyring
from gerance.kernel.embedded import EmbeddedError, database
from gerance.kernel.keyring import SecretKeyError
from gerance.kernel.log.eventlog import FOREIGN
from gerance.kernel.settings import Settings
from gerance.kernel.stored_secrets import PLAIN, key_ids
from gerance.migrations import catalog

OLDEST_POSTGRESQL = 150_000
MAX_SKEW_SECONDS = 2.0
MIN_FREE_BYTES = 1 << 30


class Check(msgspec.Struct, frozen=True, rename={"message": "found"}):
    """The result of a check. `remedy`: the command that fixes the problem, None without one."""

    check: str
    ok: bool
    message: str
    remedy: str | None = None


def examine(settings: Settings) -> list[Check]:
    """Run all checks. Nothing is changed."""
    return [*_home(settings), *_tls(settings), *_mail(settings), *_database(settings)]


def _home(settings: Settings) -> Iterator[Check]:
    home = settings.home
    if not home.is_dir():
        if settings.database_url is None:
            yield Check("home", False, f"{home} does not exist", "gerance db upgrade")
        return
    mode = stat.S_IMODE(home.stat().st_mode)
    # Others may enter it (the embedded database of root runs as another user), not list or write.
    if mode & 0o066:
        yield Check(
            "home", False, f"{home} is accessible to others ({mode:o})", f"chmod 711 {home}"
        )
    elif not os.access(home, os.W_OK):
        yield Check("home", False, f"{home} is not writable", f"chown $(id -un) {home}")
    else:
        yield Check("home", True, f"{home} is accessible to its owner only")
    free = shutil.disk_usage(home).free
    message = f"{free / (1 << 30):.1f} GiB free"
    if free < MIN_FREE_BYTES:
        yield Check("disk", False, message, f"du -xh --max-depth=2 {home} | sort -h")
    else:
        yield Check("disk", True, message)


def _tls(settings: Settings) -> Iterator[Check]:
    configured = settings.tls_cert is not None
    certificate = settings.tls_cert or settings.home / "tls" / "cert.pem"
    key = settings.tls_key or settings.home / "tls" / "key.pem"
    if not configured and not certificate.exists():
        yield Check("tls", True, "no certificate: plain HTTP, or TLS at a proxy")
        return
    renew = f"renew {certificate} where it was issued" if configured else "gerance demo --tls"
    try:
        end = expiry(certificate)
        accessible = key.stat().st_mode & 0o077
    except (OSError, ValueError) as error:
        yield Check("tls", False, f"{certificate} or its key cannot be read: {error}", renew)
        return
    time_left = end - datetime.datetime.now(datetime.UTC)
    if time_left < RENEWAL:
        yield Check("tls", False, f"{certificate} expires on {end:%Y-%m-%d}", renew)
    elif accessible:
        yield Check("tls", False, f"{key} is readable by others", f"chmod 600 {key}")
    else:
        yield Check("tls", True, f"{certificate} is valid until {end:%Y-%m-%d}")


def _mail(settings: Settings) -> Iterator[Check]:
    """Whether e-mail must be signed; nothing where no e-mail is received."""
    if not settings.mail_recipients:
        return
    match settings.mail_require_dkim:
        case True:
            yield Check("mail", True, "only messages with a valid DKIM signature are accepted")
        case False:
            message = "mail_require_dkim is false: anybody can write in the name of a partner"
            yield Check("mail", True, message)
        case None:
            message = "mail_require_dkim is neither true nor false"
            yield Check("mail", False, message, "gerance mail listen --require-dkim")


def _database(settings: Settings) -> Iterator[Check]:
    embedded = settings.database_url is None
    if embedded and not (settings.home / "postgres").exists():
        yield Check("database", False, "it does not exist yet", "gerance db upgrade")
        return
    log = settings.home / "postgres.log"
    remedy = f"tail {log}" if embedded else 'psql "$GERANCE_DATABASE_URL" -c "select 1"'
    try:
        with database(settings) as url, psycopg.connect(url, connect_timeout=5) as connection:
            yield _version(connection)
            yield _clock(connection)
            pending = _migrations(connection)
            yield pending
            if pending.ok:
                yield _schema(connection)
                yield _secrets(connection, settings)
                yield from _accounts(url, settings)
                yield _log(connection)
                yield _day(connection, settings.zone)
    except (psycopg.OperationalError, EmbeddedError) as error:
        cause = " ".join(str(error).split())
        yield Check("database", False, f"no connection: {cause}", remedy)
    except psycopg.Error as error:
        yield Check("database", False, f"a query failed: {error.diag.message_primary}", remedy)


def _version(connection: psycopg.Connection) -> Check:
    version = connection.info.server_version
    message = f"PostgreSQL {version // 10_000}.{version % 10_000}"
    if version < OLDEST_POSTGRESQL:
        return Check("database", False, f"{message}; 15 or later is required", "pg_upgrade")
    return Check("database", True, message)


def _clock(connection: psycopg.Connection) -> Check:
    before = time.time()
    row = connection.execute("select extract(epoch from clock_timestamp())::float8").fetchone()
    after = time.time()
    skew = (float(row[0]) if row else 0.0) - (before + after) / 2
    if abs(skew) > MAX_SKEW_SECONDS + (after - before):
        message = f"the clock of the database differs by {skew:+.1f} s"
        return Check("clock", False, message, "timedatectl set-ntp true")
    return Check("clock", True, f"the clock of the database differs by {abs(skew) * 1000:.0f} ms")


def _accounts(url: str, settings: Settings) -> Iterator[Check]:
    """Each account that accepts a password, key or token of the demonstration."""
    accounts = demo_accounts(url)
    if not accounts:
        yield Check("accounts", True, "no demonstration account")
    for name, remedy in accounts:
        message = f"{name} accepts public credentials of the demonstration"
        if settings.allow_demo_accounts:
            yield Check("accounts", True, f"{message}; `allow_demo_accounts` allows it")
        else:
            yield Check("accounts", False, message, remedy)


def _secrets(connection: psycopg.Connection, settings: Settings) -> Check:
    """Whether the secrets in the database are encrypted, and their keys are available."""
    try:
        ring = keyring.Keyring(settings)
        if ring.in_file and ring.path.exists() and ring.path.stat().st_mode & keyring.OF_OTHERS:
            message = f"{ring.path} is accessible to others"
            return Check("secrets", False, message, f"chmod 600 {ring.path}")
        available = ring.ids()
    except SecretKeyError as error:
        return Check("secrets", False, str(error), "gerance secrets new-key")
    key_ids_in_use = key_ids(connection)
    if missing := sorted(key_ids_in_use - {PLAIN} - set(available)):
        return Check("secrets", False, str(ring.missing(missing)), f"restore {ring.source}")
    if PLAIN in key_ids_in_use:
        return Check("secrets", False, "some are not encrypted", "gerance secrets encrypt")
    return Check("secrets", True, f"encrypted with keys of {ring.source}")


def _migrations(connection: psycopg.Connection) -> Check:
    revision = migrations.revision(connection)
    if pending := migrations.pending_after(revision):
        return Check("migrations", False, f"pending: {', '.join(pending)}", "gerance db upgrade")
    return Check("migrations", True, f"at {revision}")


def _schema(connection: psycopg.Connection) -> Check:
    if not migrations.is_newest(migrations.revision(connection)):
        return Check("schema", True, "of a later release")
    if missing := catalog.missing(connection):
        message = f"{len(missing)} objects are missing or different, the first: {missing[0]}"
        return Check("schema", False, message, "gerance db check")
    return Check("schema", True, "as this release declares it")


def _log(connection: psycopg.Connection) -> Check:
    if connection.execute(FOREIGN).fetchone() is None:
        return Check("log", True, "it belongs to this server")
    message = "it comes from another server, and its events are not read"
    return Check("log", False, message, "gerance db upgrade")


def _day(connection: psycopg.Connection, zone: ZoneInfo) -> Check:
    """Whether the daily jobs are at most a day late."""
    ((now,),) = connection.execute("select clock_timestamp()").fetchall()
    today = now.astimezone(zone).date()
    rows = connection.execute(
        "select name, day, stopped from scheduled_job where name in ('rentals', 'partners')"
        " order by day"
    ).fetchall()
    if not rows:
        return Check("day", True, "no daily job has run yet")
    for name, _, stop_reason in rows:
        if stop_reason:
            remedy = f"gerance day confirm {today}"
            return Check("day", False, f"the {name} job has stopped: {stop_reason}", remedy)
    (late, first, _), (early, last, _) = rows[0], rows[-1]
    if last > today:
        message = f"the {early} job is at {last}, and today is {today}: a clock was ahead"
        return Check("day", False, message, "timedatectl set-ntp true")
    if first < today - datetime.timedelta(days=1):
        message = f"the {late} job is at {first}, and today is {today}: no worker is running"
        return Check("day", False, message, "gerance worker")
    return Check("day", True, f"the daily jobs are at {first}")
