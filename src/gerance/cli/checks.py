"""The checks of `gerance doctor`: each looks at one thing and says what it found."""

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

OLDEST_DATABASE = 150_000
SKEW_SECONDS = 2.0
LEAST_FREE_BYTES = 1 << 30


class Finding(msgspec.Struct, frozen=True):
    """What a check found; `remedy` is the command that fixes it, None when all is well."""

    check: str
    ok: bool
    found: str
    remedy: str | None = None


def examine(settings: Settings) -> list[Finding]:
    """Look at everything, one finding a line. Nothing is changed."""
    return [*_home(settings), *_tls(settings), *_mail(settings), *_database(settings)]


def _home(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    if not home.is_dir():
        if settings.database_url is None:
            yield Finding("home", False, f"{home} is not there yet", "gerance db upgrade")
        return
    mode = stat.S_IMODE(home.stat().st_mode)
    # Others may pass (the embedded database of root runs as another user), not list or write.
    if mode & 0o066:
        yield Finding("home", False, f"{home} is open to others ({mode:o})", f"chmod 711 {home}")
    elif not os.access(home, os.W_OK):
        yield Finding("home", False, f"{home} cannot be written", f"chown $(id -un) {home}")
    else:
        yield Finding("home", True, f"{home} is ours alone")
    free = shutil.disk_usage(home).free
    found = f"{free / (1 << 30):.1f} GiB free"
    if free < LEAST_FREE_BYTES:
        yield Finding("disk", False, found, f"du -xh --max-depth=2 {home} | sort -h")
    else:
        yield Finding("disk", True, found)


def _tls(settings: Settings) -> Iterator[Finding]:
    given = settings.tls_cert is not None
    certificate = settings.tls_cert or settings.home / "tls" / "cert.pem"
    key = settings.tls_key or settings.home / "tls" / "key.pem"
    if not given and not certificate.exists():
        yield Finding("tls", True, "no certificate: plain HTTP, or a proxy ends TLS")
        return
    renew = f"renew {certificate} where it was issued" if given else "gerance demo --tls"
    try:
        end = expiry(certificate)
        open_to_others = key.stat().st_mode & 0o077
    except (OSError, ValueError) as error:
        yield Finding("tls", False, f"{certificate} or its key cannot be read: {error}", renew)
        return
    left = end - datetime.datetime.now(datetime.UTC)
    if left < RENEWAL:
        yield Finding("tls", False, f"{certificate} ends on {end:%Y-%m-%d}", renew)
    elif open_to_others:
        yield Finding("tls", False, f"{key} can be read by others", f"chmod 600 {key}")
    else:
        yield Finding("tls", True, f"{certificate} lasts until {end:%Y-%m-%d}")


def _mail(settings: Settings) -> Iterator[Finding]:
    """Whether senders of mail must prove who they are; nothing where no mail is taken."""
    if not settings.mail_recipients:
        return
    match settings.mail_require_dkim:
        case True:
            yield Finding("mail", True, "only messages with a good DKIM signature are taken")
        case False:
            found = "mail_require_dkim is off: anybody can write in the name of a partner"
            yield Finding("mail", True, found)
        case None:
            found = "mail_require_dkim is neither true nor false"
            yield Finding("mail", False, found, "gerance mail listen --require-dkim")


def _database(settings: Settings) -> Iterator[Finding]:
    embedded = settings.database_url is None
    if embedded and not (settings.home / "postgres").exists():
        yield Finding("database", False, "none was made yet", "gerance db upgrade")
        return
    log = settings.home / "postgres.log"
    remedy = f"tail {log}" if embedded else 'psql "$GERANCE_DATABASE_URL" -c "select 1"'
    try:
        with database(settings) as url, psycopg.connect(url, connect_timeout=5) as connection:
            yield _version(connection)
            yield _clock(connection)
            lacking = _migrations(connection)
            yield lacking
            if lacking.ok:
                yield _schema(connection)
                yield _secrets(connection, settings)
                yield from _accounts(url, settings)
                yield _log(connection)
                yield _day(connection, settings.zone)
    except (psycopg.OperationalError, EmbeddedError) as error:
        said = " ".join(str(error).split())
        yield Finding("database", False, f"it does not answer: {said}", remedy)
    except psycopg.Error as error:
        yield Finding("database", False, f"it refuses: {error.diag.message_primary}", remedy)


def _version(connection: psycopg.Connection) -> Finding:
    version = connection.info.server_version
    found = f"PostgreSQL {version // 10_000}.{version % 10_000} answers"
    if version < OLDEST_DATABASE:
        return Finding("database", False, f"{found}, 15 is needed", "pg_upgrade")
    return Finding("database", True, found)


def _clock(connection: psycopg.Connection) -> Finding:
    before = time.time()
    row = connection.execute("select extract(epoch from clock_timestamp())::float8").fetchone()
    after = time.time()
    skew = (float(row[0]) if row else 0.0) - (before + after) / 2
    if abs(skew) > SKEW_SECONDS + (after - before):
        found = f"the database's clock is {skew:+.1f} s from ours"
        return Finding("clock", False, found, "timedatectl set-ntp true")
    return Finding("clock", True, f"the database's clock is {abs(skew) * 1000:.0f} ms from ours")


def _accounts(url: str, settings: Settings) -> Iterator[Finding]:
    """Each account that accepts a password, key or token of the demonstration."""
    accounts = demo_accounts(url)
    if not accounts:
        yield Finding("accounts", True, "no demonstration account")
    for name, remedy in accounts:
        found = f"{name} has the public credentials of the demonstration"
        if settings.allow_demo_accounts:
            yield Finding("accounts", True, f"{found}; `allow_demo_accounts` allows it")
        else:
            yield Finding("accounts", False, found, remedy)


def _secrets(connection: psycopg.Connection, settings: Settings) -> Finding:
    """Whether the secrets in the database are encrypted, and can be read."""
    try:
        ring = keyring.Keyring(settings)
        if ring.in_file and ring.path.exists() and ring.path.stat().st_mode & keyring.OF_OTHERS:
            found = f"{ring.path} is open to others than its owner"
            return Finding("secrets", False, found, f"chmod 600 {ring.path}")
        known = ring.ids()
    except SecretKeyError as error:
        return Finding("secrets", False, str(error), "gerance secrets new-key")
    used = key_ids(connection)
    if missing := sorted(used - {PLAIN} - set(known)):
        return Finding("secrets", False, str(ring.missing(missing)), f"restore {ring.source}")
    if PLAIN in used:
        return Finding("secrets", False, "some are not encrypted", "gerance secrets encrypt")
    return Finding("secrets", True, f"encrypted with keys of {ring.source}")


def _migrations(connection: psycopg.Connection) -> Finding:
    revision = migrations.revision(connection)
    if lacking := migrations.pending_after(revision):
        return Finding("migrations", False, f"pending: {', '.join(lacking)}", "gerance db upgrade")
    return Finding("migrations", True, f"at {revision}")


def _schema(connection: psycopg.Connection) -> Finding:
    if not migrations.is_newest(migrations.revision(connection)):
        return Finding("schema", True, "of a later release")
    if missing := catalog.missing(connection):
        found = f"{len(missing)} objects are missing or different, the first: {missing[0]}"
        return Finding("schema", False, found, "gerance db check")
    return Finding("schema", True, "as this release declares it")


def _log(connection: psycopg.Connection) -> Finding:
    if connection.execute(FOREIGN).fetchone() is None:
        return Finding("log", True, "it is this server's")
    found = "its events are another server's, and are not read here"
    return Finding("log", False, found, "gerance db upgrade")


def _day(connection: psycopg.Connection, zone: ZoneInfo) -> Finding:
    """Whether somebody runs the loops: what they do each day is at most a day late."""
    ((now,),) = connection.execute("select clock_timestamp()").fetchall()
    today = now.astimezone(zone).date()
    rows = connection.execute(
        "select name, day, stopped from scheduled_job where name in ('rentals', 'partners')"
        " order by day"
    ).fetchall()
    if not rows:
        return Finding("day", True, "no day has begun yet")
    for name, _, stopped in rows:
        if stopped:
            remedy = f"gerance day confirm {today}"
            return Finding("day", False, f"{name} are stopped: {stopped}", remedy)
    (late, first, _), (early, last, _) = rows[0], rows[-1]
    if last > today:
        found = f"{early} are at {last}, and it is {today}: some clock was ahead"
        return Finding("day", False, found, "timedatectl set-ntp true")
    if first < today - datetime.timedelta(days=1):
        found = f"{late} are at {first}, and it is {today}: nobody runs the background loops"
        return Finding("day", False, found, "gerance worker")
    return Finding("day", True, f"rentals and partners are at {first}")
