"""What an installation may set: overrides > `GERANCE_*` > `gerance.toml` in the home > defaults."""

import os
import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from gerance.kernel.limits.address import TrustedProxies

Port = Annotated[int, Meta(ge=0, le=65535)]
AtLeastOne = Annotated[int, Meta(ge=1)]


class SettingsError(ValueError):
    """A setting is wrong; the message names the variable or the TOML key that holds it."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one process. `GERANCE_PORT` in the environment is `port` in the file."""

    home: Path
    """Directory of the data: embedded database, certificate, `gerance.toml`."""
    database_url: str | None = None
    """libpq URL of the PostgreSQL to use; without one the embedded server of the home."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: Port = 8000
    """TCP port to listen on; 0 takes any free one."""
    reuse_port: bool = False
    """Another server may listen on the same port (`SO_REUSEPORT`), to take over from this one."""
    admin_host: str = "127.0.0.1"
    """Address of the admin port."""
    admin_port: Port = 8001
    """TCP port of `/metrics`, `/live` and `/ready`; by default the one after `port`."""
    allow_demo_accounts: bool = False
    """Serve although the database has demonstration accounts, whose passwords are public."""
    workers: AtLeastOne = 1
    """Processes that answer requests."""
    jobs_inside: bool = True
    """Background loops run inside `serve`; `false` where `gerance worker` runs beside it."""
    timezone: str = "Europe/Paris"
    """IANA zone in which days and deadlines are counted."""
    session_lifetime_seconds: AtLeastOne = 43_200
    """Seconds after its log-in at which a session ends."""
    session_idle_seconds: AtLeastOne = 3_600
    """Seconds without a request after which a session ends."""
    tls_cert: Path | None = None
    """PEM file of the certificate chain; with it the server speaks HTTPS."""
    tls_key: Path | None = None
    """PEM file of the certificate's private key."""
    secret_key: tuple[str, ...] = ()
    """Keys that encrypt secrets in the database, by comma: the first one encrypts, all decrypt.
    By default they are in `secret_key_file`."""
    secret_key_file: Path | None = None
    """File of those keys, one a line; by default `secret_key` in the home, made at the first
    start."""
    hsts_seconds: Annotated[int, Meta(ge=0)] = 31_536_000
    """Seconds for which browsers insist on HTTPS after an answer over it; 0: they need not."""
    sftp_host: str = "127.0.0.1"
    """Address on which the SFTP server of partners listens."""
    sftp_port: Port | None = None
    """TCP port of the SFTP server of partners; without one there is none. 0 takes any free one."""
    partners_dir: Path | None = None
    """Directory of the folders of partners; by default `partners` in the home."""
    mail_host: str = "127.0.0.1"
    """Address on which `gerance mail listen` takes mail of partners."""
    mail_port: Port = 8025
    """TCP port on which it does, by SMTP; 0 takes any free one."""
    mail_recipients: tuple[str, ...] = ()
    """Addresses that mail of partners may go to, or `@domain` for all of one; no other is taken."""
    mail_max_bytes: AtLeastOne = 5_242_880
    """Bytes of the longest message that is taken."""
    mail_require_dkim: bool | None = None
    """Only messages with a good DKIM signature of their sender's domain are taken. `gerance mail
    listen` needs it: without signatures anybody can write in the name of a partner."""
    mail_trusted_server: str | None = None
    """Name (authserv-id) by which a mail server in front signs `Authentication-Results`; only where
    no other host can reach the port."""
    mail_resolvers: tuple[str, ...] = ()
    """Addresses of name servers that are asked for DKIM keys; by default the system's."""
    secure_cookies: bool = False
    """Cookies carry `Secure`; by default under TLS only. Set it behind a proxy that ends TLS."""
    max_body_bytes: AtLeastOne = 1_048_576
    """Bytes of the longest request body that is read."""
    max_head_bytes: Annotated[int, Meta(ge=1_024)] = 65_536
    """Bytes of the longest request head (request line and headers); 431 or 414 beyond."""
    head_seconds: Annotated[float, Meta(gt=0)] = 10.0
    """Seconds in which the head of a request must arrive, and a TLS handshake end."""
    body_seconds: Annotated[float, Meta(gt=0)] = 60.0
    """Seconds in which the body of a request must arrive."""
    keep_alive_seconds: Annotated[float, Meta(gt=0)] = 75.0
    """Seconds for which a connection waits for its next request."""
    max_connections: AtLeastOne = 10_000
    """Open connections of a process, as far as it may open descriptors. When it is full, the one
    closes that has waited longest."""
    max_connections_per_address: Annotated[int, Meta(ge=0)] = 500
    """Open connections of a process from one address (IPv6: one /64); 0 for any number. Those of
    trusted proxies (`forwarded_allow_ips`) are not counted."""
    max_pending_body_bytes: AtLeastOne = 67_108_864
    """Bytes of request bodies that a process holds in all; beyond, the oldest incomplete body is
    refused."""
    drain_seconds: Annotated[float, Meta(ge=0, le=60)] = 1.0
    """Seconds for which a server that stops still accepts, while `/ready` answers 503."""
    pool_size: Annotated[int, Meta(ge=4)] = 16
    """Database connections of a process for short answers, two of them for writing; it holds half
    as many more for long ones."""
    connections_per_principal: AtLeastOne = 4
    """How many of `pool_size` the requests of one principal hold at once, at most half of those
    that all principals may hold together (five eighths of `pool_size`). Further requests wait."""
    long_answers_per_principal: AtLeastOne = 6
    """Long answers (lists that are streamed, exports, billing files) that a process sends to one
    principal at once; it has half of `pool_size` places for all."""
    long_answer_wait_seconds: Annotated[float, Meta(gt=0)] = 10.0
    """Seconds that a request waits for a place for its long answer; then 429 or 503."""
    requests_per_second: Annotated[float, Meta(ge=0)] = 1_000.0
    """Requests a second that a process serves of one principal, and of one address those without a
    valid credential; 0 for any number."""
    requests_burst: AtLeastOne = 60_000
    """How many of them may come at once, after a time with fewer."""
    statement_timeout_ms: Annotated[int, Meta(ge=0)] = 30_000
    """Milliseconds after which the database gives a statement up; 0 never does."""
    min_position_wait_seconds: Annotated[float, Meta(ge=0)] = 5.0
    """Seconds that a read waits at most for its `Gerance-Min-Position`."""
    event_streams: AtLeastOne = 1_000
    """Feeds of events that wait in one process at once, live ones and pulled ones."""
    event_streams_per_user: AtLeastOne = 10
    """How many of them one user may have."""
    odata_page: AtLeastOne = 50_000
    """Entities of one answer of the rental API; what follows comes by `@odata.nextLink`."""
    odata_answer_bytes: AtLeastOne = 268_435_456
    """Bytes of the longest answer of the rental API; a longer one is refused, or cut."""
    odata_delta_days: AtLeastOne = 30
    """Days after which a delta link of the rental API expires."""
    odata_kept_bytes: Annotated[int, Meta(ge=0)] = 134_217_728
    """Bytes of memory for answers of the rental API that are kept until something changes."""
    odata_server_timing: bool = False
    """Answers of the rental API have the header `Server-Timing`: the milliseconds of each stage."""
    odata_if_match: bool = False
    """PATCH, PUT and DELETE of the rental API need `If-Match`, and answer 428 without it."""
    modules: tuple[str, ...] = ()
    """Modules of the rental API that this installation has, e.g. `finance`."""
    client_name: str = ""
    """Whose installation this is: `DatabaseName` in messages; by default the database's name."""
    webhook_timeout_seconds: Annotated[float, Meta(gt=0, le=60)] = 15.0
    """Seconds that a call to an endpoint may take, with its answer."""
    webhook_networks: tuple[str, ...] = ()
    """Private networks (CIDR) whose addresses may be called, e.g. `10.1.0.0/16`; else none."""
    delivery_log_days: AtLeastOne = 30
    """Days for which calls to endpoints, and their answers, are kept in the log of deliveries."""
    partners_plain_http: Literal["loopback", "allow", "refuse"] = "loopback"
    """Clients that may use the partner API without TLS: this machine, all (development), none."""
    log_format: Literal["json", "console"] = "console"
    """How a log line looks: one JSON object, or text for people."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe line that is written."""
    forwarded_allow_ips: str = "127.0.0.1"
    """Proxies whose `X-Forwarded-*` headers count: addresses or networks, by comma, or `*`."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the installation counts days."""
        return ZoneInfo(self.timezone)


_FIELDS = {field.name: field for field in msgspec.structs.fields(Settings)}


def default_home() -> Path:
    """Where data goes without `GERANCE_HOME`: `$XDG_DATA_HOME/gerance`, else `~/.local/share`."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "gerance"


def variable(name: str) -> str:
    """The environment variable of a field: `port` gives `GERANCE_PORT`."""
    return f"GERANCE_{name.upper()}"


def environment(settings: Settings) -> dict[str, str]:
    """The variables that give these settings to a process of ours."""
    values = msgspec.structs.asdict(settings)
    return {variable(name): _text(value) for name, value in values.items() if value is not None}


def _text(value: Any) -> str:
    """A setting as its variable has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, tuple) else str(value)


def load_settings(**overrides: Any) -> Settings:
    """Read the settings of this process.

    `overrides` are field names with their values; None stands for "not given". An empty variable
    counts as unset. Raises SettingsError, naming the variable or key that is wrong.
    """
    options = {name: value for name, value in overrides.items() if value is not None}
    if unknown := sorted(options.keys() - _FIELDS.keys()):
        raise SettingsError(f"unknown setting: {', '.join(unknown)}")
    home = _home(options)
    read: dict[str, Any] = {"home": home, **_toml(home / "gerance.toml")}
    for name in _FIELDS.keys() - {"home"}:
        if text := os.environ.get(variable(name)):
            read[name] = _convert(name, text, variable(name), strict=False)
    for name in options.keys() - {"home"}:
        read[name] = _convert(name, options[name], name, strict=True)
    return _complete(read)


def _complete(read: dict[str, Any]) -> Settings:
    """Add the defaults that follow from other settings, and check what goes together."""
    port = read.get("port", 8000)
    read.setdefault("admin_port", 0 if port in (0, 65535) else port + 1)
    read.setdefault("secure_cookies", read.get("tls_cert") is not None)
    if (read.get("tls_cert") is None) != (read.get("tls_key") is None):
        raise SettingsError("tls_cert and tls_key go together: set both or neither")
    if read.get("sftp_port") == 0 and read.get("workers", 1) > 1:
        raise SettingsError("sftp_port: several workers need a port of their own, not any free one")
    if (url := read.get("database_url")) is not None:
        _require_conninfo(url)
    try:
        ZoneInfo(read.get("timezone", "Europe/Paris"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(
            f"timezone ({variable('timezone')}): no zone is called {read['timezone']!r}"
        ) from None
    try:
        for network in read.get("webhook_networks", ()):
            ip_network(network)
    except ValueError as error:
        raise SettingsError(f"webhook_networks ({variable('webhook_networks')}): {error}") from None
    try:
        TrustedProxies(read.get("forwarded_allow_ips", ""))
    except ValueError as error:
        name = variable("forwarded_allow_ips")
        raise SettingsError(f"forwarded_allow_ips ({name}): {error}") from None
    return Settings(**read)


def _require_conninfo(url: str) -> None:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        conninfo_to_dict(url)
    except ProgrammingError:
        # What libpq says of it may quote it, with its password.
        raise SettingsError(
            f"database_url ({variable('database_url')}): not what libpq takes, like"
            " postgresql://user@host/database"
        ) from None


def _home(options: Mapping[str, Any]) -> Path:
    path = options.get("home") or os.environ.get("GERANCE_HOME") or default_home()
    return Path(path).expanduser().absolute()


def _toml(path: Path) -> dict[str, Any]:
    try:
        content = path.read_bytes().decode()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    try:
        table = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not TOML: {error}") from error
    if unknown := sorted(table.keys() - _FIELDS.keys() | table.keys() & {"home"}):
        raise SettingsError(f"{path}: unknown key: {', '.join(unknown)}")
    return {
        name: _convert(name, value, f"{path}: {name}", strict=True) for name, value in table.items()
    }


def _convert(name: str, value: Any, source: str, *, strict: bool) -> Any:
    kind = _FIELDS[name].type
    if kind == tuple[str, ...] and isinstance(value, str) and not strict:
        value = [word.strip() for word in value.split(",") if word.strip()]
    if kind == Path | None:
        kind, value = str, str(value) if isinstance(value, Path) else value
    try:
        result = msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        expected = str(error).partition(", got")[0]
        raise SettingsError(f"{source}: {expected}, got {value!r}") from None
    if _FIELDS[name].type == Path | None:
        return Path(result).expanduser().absolute()
    return result
