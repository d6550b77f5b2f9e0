"""The security log: one logger, one counter, and stable names of events and fields.

`docs/reference/security-log.md` lists them. No field holds a password, a key, a token or a code.
"""

from typing import Any, Literal

import structlog

from gerance.kernel import metrics

Event = Literal[
    "login_succeeded",
    "login_failed",
    "login_throttled",
    "token_rejected",
    "token_throttled",
    "disabled_credential_used",
    "access_denied",
    "administrative_act",
]
_LONGEST = 320
_ROUTINE = frozenset({"login_succeeded", "administrative_act"})

_log = structlog.get_logger("gerance.security")


def record(event: Event, **fields: Any) -> None:
    """Count an event and write its line, unless logging is not configured: commands of the command
    line print their own answers."""
    metrics.count_security_event(event)
    if structlog.is_configured():
        write = _log.info if event in _ROUTINE else _log.warning
        write(event, **{name: _bounded(value) for name, value in fields.items()})


def _bounded(value: Any) -> Any:
    return value[:_LONGEST] if isinstance(value, str) else value
