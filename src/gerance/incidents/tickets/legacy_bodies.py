"""Bodies of ticket requests that are events, as older integrations send them.

An event stands for the command that causes it: `TicketOpened` for OpenTicket. Its `sentDate` is
ignored: the server stores the moment of receipt.
"""

from typing import Any

import msgspec

from gerance.incidents.spellings import decode_command
from gerance.incidents.tickets.commands import (
    AcceptMission,
    AnyTicketCommand,
    ProviderAnswerCall,
    ProviderNotAnswerCall,
    RefuseMission,
)
from gerance.incidents.tickets.decide import EVENT_OF
from gerance.kernel.errors import BadRequest
from gerance.kernel.http.body import decode_body, with_path
from gerance.kernel.wire import convert

_COMMAND_OF: dict[str, Any] = {
    event.__name__: command for command, event in reversed(EVENT_OF.items())
}
_RENAMED = {"fieldsCorrected": "fieldsToCorrect"}
_SPELLINGS = {"MisionAccepted": "MissionAccepted", "TicketCanceled": "TicketCancelled"}
"""Event types that the reference of 2016 spells otherwise."""
_COMMENTED = (ProviderAnswerCall, ProviderNotAnswerCall, AcceptMission, RefuseMission)
"""Commands whose comment the events of 2016 may lack."""


class _Tags(msgspec.Struct):
    commandType: Any = None
    eventType: Any = None


def decode_legacy(body: bytes) -> AnyTicketCommand:
    """The command that an event, or a command, in the body stands for. Raises BadRequest."""
    tags: _Tags = decode_body(_Tags, body)
    if tags.commandType is None and tags.eventType is not None:
        return _command_of_event(decode_body(dict[str, Any], body), tags.eventType)
    command: AnyTicketCommand = decode_command(AnyTicketCommand, body)
    return command


def _command_of_event(event: dict[str, Any], event_type: Any) -> AnyTicketCommand:
    tag = event_type if isinstance(event_type, str) else ""
    command = _COMMAND_OF.get(_SPELLINGS.get(tag, tag))
    if command is None:
        raise BadRequest(f"Invalid value {str(event_type)[:60]!r} - at `$.eventType`")
    fields = {_RENAMED.get(name, name): value for name, value in event.items()}
    if command in _COMMENTED:
        fields.setdefault("comment", "")
    try:
        message: AnyTicketCommand = convert({**fields, "commandType": command.__name__}, command)
    except msgspec.ValidationError as invalid:
        raise BadRequest(with_path(invalid)) from invalid
    return message
