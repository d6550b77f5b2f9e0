"""The reference page of the commands and events of the incident API, from their classes."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from gerance.incidents import rights
from gerance.incidents.aggregate import Aggregate
from gerance.incidents.aggregates import AGGREGATES
from gerance.incidents.tickets.decide import EVENTS_OF

_TITLES = {
    "ticket": "Tickets",
    "company": "Companies",
    "agency": "Agencies",
    "user": "Users",
    "operator": "Operators",
    "patrimony": "Patrimonies",
    "lot": "Lots",
    "patrimony_contact": "Patrimony contacts",
    "provider_company": "Provider companies",
    "provider_contact": "Provider contacts",
}
_SENDERS = {
    rights.SUPER_USERS: "`superUser`",
    rights.CALL_CENTERS: "`callCenterUser` and above",
    rights.MANAGERS: "`clientAccountManager` and above",
    rights.EXECUTIVES: "`executive` and above",
    rights.PATRIMONY_MANAGERS: "`patrimonyManager` and above",
    rights.EVERYONE: "every user",
}

_HEAD = """
# Commands and events

The commands of the incident API, the events that they cause, and who may send them. The fields of
each message are in `/openapi.json`. "And above" follows the order of the columns in
[rights](rights.md).
"""


def page(note: str) -> str:
    """docs/reference/commands.md."""
    lines = [note, *_HEAD.strip().splitlines()]
    for aggregate in AGGREGATES:
        lines += ["", f"## {_TITLES.get(aggregate.name, aggregate.name)}", ""]
        lines += _ticket_tables() if aggregate.name == "ticket" else _tables(aggregate)
    return "\n".join(lines) + "\n"


def _tables(aggregate: Aggregate) -> Iterator[str]:
    yield from ("| Command | Who may send it | What it does |", "|---|---|---|")
    for command in aggregate.command_classes:
        yield f"| `{command.__name__}` | {_SENDERS[command.senders]} | {_meaning(command)} |"
    yield from ("", "| Event | What happened |", "|---|---|")
    for event in aggregate.event_classes:
        yield f"| `{event.__name__}` | {_meaning(event)} |"


def _ticket_tables() -> Iterator[str]:
    ticket = AGGREGATES[0]
    yield "| Command | Who may send it | What it does | Events |"
    yield "|---|---|---|---|"
    for command in ticket.command_classes:
        events = ", ".join(f"`{event.__name__}`" for event in EVENTS_OF.get(command, ()))
        senders = _SENDERS[command.senders]
        yield f"| `{command.__name__}` | {senders} | {_meaning(command)} | {events} |"
    yield ""
    yield "The second event of a command is caused only when the command has its field."
    yield ""
    yield "| Event | Business date | Journal | Text | What happened |"
    yield "|---|---|---|---|---|"
    for event in ticket.event_classes:
        yield f"| `{event.__name__}` | {_journal(event)} | {_meaning(event)} |"


def _journal(event: Any) -> str:
    line = getattr(event, "journal", None)
    if line is None:
        return "`openedDate` | no line |"
    keys = ", ".join(f"`{key}`" for part in line.data for key in part.keys)
    return f"{_code(line.date)} | {keys} | {_code(line.text)}"


def _code(name: str | None) -> str:
    return "" if name is None else f"`{name}`"


def _meaning(message: Any) -> str:
    """The first paragraph of its docstring, on one line."""
    text = inspect.cleandoc(vars(message).get("__doc__") or "").split("\n\n")[0]
    return re.sub(r"\s+", " ", text).replace("|", "\\|")
