"""The fields that all commands and events of the incident API share."""

from typing import Any, ClassVar

import msgspec

from gerance.kernel.wire import DateTime, SafeUUID

MOST_NAMED = 1_000
"""Things that one list of a command names by uid: each is looked up, and its rights are checked."""


class Command(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="commandType"):
    """`processUid` identifies the command: the same one is accepted once for an aggregate.

    `senders`: the kinds of users that may send it.
    """

    senders: ClassVar[tuple[str, ...]]
    processUid: SafeUUID


class Event(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="eventType"):
    """`sentDate`: when the server received the command; the business date is a field of its own."""

    processUid: SafeUUID
    aggregateUid: SafeUUID
    sentDate: DateTime


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """What the server adds to a command: its aggregate, its sender and the moment of receipt."""

    aggregate: SafeUUID
    user: SafeUUID
    sent_date: DateTime


def heading(command: Command, stamp: Stamp) -> dict[str, Any]:
    """The fields that every event of the command has."""
    return {
        "processUid": command.processUid,
        "aggregateUid": stamp.aggregate,
        "sentDate": stamp.sent_date,
    }


class Link(msgspec.Struct, frozen=True):
    """A link to a resource or a command."""

    rel: str
    href: str
    method: str
