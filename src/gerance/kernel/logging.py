"""Structured log lines on stderr, ours and the libraries' alike. Secrets are masked and untrusted
text is escaped (kernel.escape), in keys, values and the texts of exceptions.

The HTTP middleware binds the id of each request with `structlog.contextvars`; every line that is
logged during the request carries it as `request_id`.
"""

import logging.config
import re
import sys
import traceback
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, TextIO

import msgspec
import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from gerance.kernel.escape import printable

MASK = "***"
_SECRET_KEY = re.compile(
    r"passw|secret|token|cookie|authorization|api_?key|private_?key|pi_session", re.IGNORECASE
)
# postgresql://user:password@host, and password=... as libpq and cookies have it.
_SECRET_IN_URL = re.compile(r"(://[^/\s:@]*):[^/\s@]*@")
_HARMLESS = frozenset((type(None), bool, int, float))
_SECRET_IN_TEXT = re.compile(r"(\b(?:password|PI_SESSION)\s*=\s*)[^\s;&]+", re.IGNORECASE)


def configure_logging(
    log_format: Literal["json", "console"] = "console",
    log_level: Literal["debug", "info", "warning", "error"] = "info",
) -> None:
    """Send the lines of structlog and of the standard library to stderr, in one format.

    Exceptions are logged with their places but without the values of variables, which may be
    secrets.
    """
    lines: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    last: list[Processor]
    if log_format == "json":
        last = [
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            make_safe,
            structlog.processors.JSONRenderer(_json),
        ]
    else:
        console = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=_write_exception,
        )
        last = [make_safe, console]
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": lines,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        *last,
                    ],
                }
            },
            "handlers": {
                "stderr": {"class": "logging.StreamHandler", "formatter": "structured"},
            },
            "root": {"handlers": ["stderr"], "level": log_level.upper()},
            # What these say at "info" is about themselves, at each start and connection.
            "loggers": {name: {"level": "WARNING"} for name in ("alembic", "asyncio", "uvicorn")},
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *lines,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def make_safe(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Mask values under a secret's key, at any depth, and passwords within texts; escape the rest.

    `exc_info` stays, for the renderer of the console.
    """
    return {
        _printable_key(key): value if key == "exc_info" else _safe(key, value)
        for key, value in event.items()
    }


def traceback_lines(error: BaseException) -> list[str]:
    """An exception with its places and causes, safe to show. Every line is indented, so that no
    text of an exception looks like a line of the log."""
    size = "".join(traceback.format_exception(error)).rstrip("\n")
    return [f"  {printable(mask(line))}" for line in size.split("\n")]


def mask(text: str) -> str:
    """A text without the passwords in its URLs, connection strings and cookies."""
    if "://" in text:
        text = _SECRET_IN_URL.sub(rf"\1:{MASK}@", text)
    return _SECRET_IN_TEXT.sub(rf"\1{MASK}", text) if "=" in text else text


def _write_exception(stream: TextIO, exc_info: ExcInfo) -> None:
    stream.write("\n" + "\n".join(traceback_lines(exc_info[1])))


def _json(event: EventDict, **_: Any) -> str:
    return msgspec.json.encode(event).decode()


@lru_cache(maxsize=512)
def _printable_key(key: str) -> str:
    return printable(key)


@lru_cache(maxsize=512)
def _is_secret(key: str) -> bool:
    return _SECRET_KEY.search(key) is not None


def _safe(key: str, value: Any) -> Any:
    if _is_secret(key):
        return MASK
    kind = type(value)
    if kind in _HARMLESS:
        return value
    if kind is str:
        return printable(mask(value))
    if isinstance(value, Mapping):
        return {printable(inner): _safe(str(inner), buffer) for inner, buffer in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_safe("", buffer) for buffer in value]
    return printable(mask(_text(value)))


def _text(value: Any) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
