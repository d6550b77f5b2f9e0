"""Structured log lines on stderr, ours and the libraries' alike; secrets are masked.

Whoever handles a request binds its id with `structlog.contextvars.bind_contextvars(request_id=...)`
and each line written meanwhile carries it.
"""

import logging.config
import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

import msgspec
import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

MASK = "***"
_SECRET_KEY = re.compile(
    r"passw|secret|token|cookie|authorization|api_?key|private_?key|pi_session", re.IGNORECASE
)
# postgresql://user:password@host, and password=... as libpq and cookies have it.
_SECRET_IN_URL = re.compile(r"(://[^/\s:@]*):[^/\s@]*@")
_SECRET_IN_TEXT = re.compile(r"(\b(?:password|PI_SESSION)\s*=\s*)[^\s;&]+", re.IGNORECASE)


def configure_logging(
    log_format: Literal["json", "console"] = "console",
    log_level: Literal["debug", "info", "warning", "error"] = "info",
) -> None:
    """Send the lines of structlog and of the standard library to stderr, in one format.

    Exceptions are told with their places, without the values of variables: those have secrets.
    """
    gathered: list[Processor] = [
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
            mask_secrets,
            structlog.processors.JSONRenderer(_json),
        ]
    else:
        console = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.RichTracebackFormatter(show_locals=False),
        )
        last = [mask_secrets, console]
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": gathered,
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
            *gathered,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def mask_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace values under a secret's key, at any depth, and passwords within texts."""
    return {key: _masked(key, value) for key, value in event.items()}


def _json(event: EventDict, **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()


@lru_cache(maxsize=512)
def _is_secret(key: str) -> bool:
    return _SECRET_KEY.search(key) is not None


def _masked(key: str, value: Any) -> Any:
    if _is_secret(key):
        return MASK
    if isinstance(value, str):
        if "://" in value:
            value = _SECRET_IN_URL.sub(rf"\1:{MASK}@", value)
        return _SECRET_IN_TEXT.sub(rf"\1{MASK}", value) if "=" in value else value
    if isinstance(value, Mapping):
        return {inner: _masked(str(inner), held) for inner, held in value.items()}
    if isinstance(value, list | tuple):
        return [_masked("", held) for held in value]
    return value
