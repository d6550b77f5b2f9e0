"""Commands in every spelling that clients send.

Where the reference prints one thing in two ways, both are read. Integrations of 2016 send events:
an event stands for the command that causes it, and its `sentDate` is ignored.
"""

from typing import Any

import msgspec

from gerance.kernel.errors import BadRequest
from gerance.kernel.http.body import decode_body, read_aside, read_body, with_path
from gerance.kernel.http.endpoint import Call
from gerance.kernel.wire import convert, tags

Members = dict[str, Any]

_COMMAND_OF_EVENT = {
    "ClientAccountCreated": "CreateClientAccount",
    "ClientAccountCanceled": "CancelCompany",
    "ClientAccountReactivated": "ReactiveCompany",
    "ClientAccountUpdated": "UpdateClientAccount",
    "AgencyCreated": "CreateAgency",
    "AgencyDeleted": "DeleteAgency",
    "AgencyUpdated": "UpdateAgency",
    "ProviderContactAdded": "AddProviderContact",
    "ProviderContactUpdated": "UpdateProviderContact",
    "ProviderContactEnabled": "EnableProviderContact",
    "ProviderContactDisabled": "DisableProviderContact",
}
_COMMAND_OF_FIELDS = (
    ({"agency", "createdDate"}, "CreateAgency"),
    ({"agencyUid", "deletedDate"}, "DeleteAgency"),
    ({"agency", "updatedDate"}, "UpdateAgency"),
)
"""Events of agencies that the reference of May 2016 prints without a tag."""
_COMMANDS_OF_2016 = {
    "CancelClientAccount": "CancelCompany",
    "ReactiveClientAccount": "ReactiveCompany",
}
_CONTACTS = ("contact", "contacts")


async def read_command(call: Call, kind: Any = None) -> Any:
    """The command in the body; `kind`: its message type, by default the endpoint's. Raises
    BadRequest and Rejection as `read_body` and `decode_command`."""
    body = await read_body(call.request, limit=call.settings.max_body_bytes)
    return await read_aside(len(body), lambda: decode_command(kind or call.endpoint.body, body))


def decode_command(kind: Any, body: bytes) -> Any:
    """The body as a message of `kind`. Raises BadRequest, naming the path of what is wrong."""
    try:
        return decode_body(kind, body)
    except BadRequest:
        members = _corrected(kind, body)
        if members is None:
            raise
    try:
        return convert(members, kind)
    except msgspec.ValidationError as invalid_still:
        raise BadRequest(with_path(invalid_still)) from invalid_still


def _corrected(kind: Any, body: bytes) -> Members | None:
    """The members of a body in the spelling of `kind`; None when they are in it already."""
    try:
        members = decode_body(Members, body)
        corrected = _in_one_spelling(members, "")
    except (BadRequest, RecursionError):
        return None
    name = corrected.get("commandType") or _command_of(corrected)
    name = _COMMANDS_OF_2016.get(name, name) if isinstance(name, str) else name
    if name == "CreateAgency" and name not in tags(kind):
        # The reference prints this tag in its example of UpdateAgency.
        name = "UpdateAgency"
    if name is not None:
        corrected["commandType"] = name
    return corrected if corrected != members else None


def _command_of(event: Members) -> str | None:
    """The name of the command that causes an event of 2016."""
    tag = event.get("eventType") or event.get("companyEventType")
    if tag is None:
        return next((name for names, name in _COMMAND_OF_FIELDS if names <= event.keys()), None)
    if tag == "ClientAccountCanceled" and "reactivatedDate" in event:
        tag = "ClientAccountReactivated"
    return _COMMAND_OF_EVENT.get(tag) if isinstance(tag, str) else None


def _in_one_spelling(value: Any, name: str) -> Any:
    """A value and all inside it; `name`: of the member that has it."""
    if isinstance(value, list):
        return [_in_one_spelling(each, name) for each in value]
    if not isinstance(value, dict):
        return value
    members = {key: _in_one_spelling(each, key) for key, each in value.items()}
    if members.get("contactMediumType") == "Sms":
        members["contactMediumType"] = "SMS"
    if name in _CONTACTS and "contactInfoType" not in members:
        medium = members.pop("contactMediumType", None)
        if medium is not None:
            members["contactInfoType"] = "Phone" if medium == "SMS" else medium
    if name in _CONTACTS and members.get("contactInfoType") == "Mail" and "mail" not in members:
        members |= {"mail": members.pop("fax")} if "fax" in members else {}
    return members
