"""Bodies of ticket requests that are events, as older integrations send them.

An event stands for the command that causes it: `TicketOpened` for OpenTicket. Its `sentDate` is
ignored: the server stores the moment of receipt.
"""

from typing import Any

import msgspec

from gerance.incidents.tickets.commands import AnyTicketCommand
from gerance.incidents.tickets.decide import EVENT_OF
from gerance.kernel.errors import BadRequest
from gerance.kernel.http.body import decode_body, with_path
from gerance.kernel.wire import convert

_COMMAND_OF: dict[str, Any] = {
    event.__name__: command for command, event in reversed(EVENT_OF.items())
}
_RENAMED = {"fieldsCorrected": "fieldsToCorrect"}


class _Tags(msgspec.Struct):
    commandType: Any = None
    eventType: Any = None


def decode_legacy(body: bytes) -> AnyTicketCommand:
    """The command that an event, or a command, in the body stands for. Raises BadRequest."""
    tags: _Tags = decode_body(_Tags, body)
    if tags.commandType is None and tags.eventType is not None:
        return _command_of_event(decode_body(dict[str, Any], body), tags.eventType)
    command: AnyTicketCommand = decode_body(AnyTicketCommand, body)
    return command


def _command_of_event(event: dict[str, Any], event_type: Any) -> AnyTicketCommand:
    command = _COMMAND_OF.get(event_type) if isinstance(event_type, str) else None
    if command is None:
        raise BadRequest(f"Invalid value {str(event_type)[:60]!r} - at `$.eventType`")
    fields = {_RENAMED.get(name, name): value for name, value in event.items()}
    try:
        message: AnyTicketCommand = convert({**fields, "commandType": command.__name__}, command)
    except msgspec.ValidationError as invalid:
        raise BadRequest(with_path(invalid)) from invalid
    return message
