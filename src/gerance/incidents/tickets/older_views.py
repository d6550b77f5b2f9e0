"""Tickets as clients of 2017 read them, made of the views of 2020."""

from typing import Any

from gerance.kernel.wire import decode, encode

View = dict[str, Any]

_LATER = ("openingTicketPurpose", "assignee")
_LATER_IN_EXPORT = ("journalAdditionalInfos", "stats")
_LATER_IN_DETAIL = (
    "linkedEntities",
    "dates",
    "stats",
    "contactToCallback",
    "serviceOrder",
    "updatedFields",
    "qualification",
    "_links",
)


def older_list(tickets: bytes) -> bytes:
    """A page of TicketQueryViews, comma-separated JSON, as in 2017."""
    views = decode(list[View], b"[" + tickets + b"]")
    return b",".join(encode(_older(view)) for view in views)


def older_exported(ticket: bytes) -> bytes:
    """An ExportedTicket as in 2017."""
    return encode(_older(decode(View, ticket), *_LATER_IN_EXPORT))


def older_detail(ticket: bytes) -> bytes:
    """A DetailedTicketView as in 2017."""
    return encode(_older(decode(View, ticket), *_LATER_IN_DETAIL))


def _older(view: View, *later: str) -> View:
    """Without what 2017 does not have; the caller has one medium, the patrimony no reference."""
    for name in (*_LATER, *later):
        view.pop(name, None)
    if medium := view["caller"].get("medium"):
        view["caller"]["medium"] = medium[0]
    if patrimony := view.get("patrimony"):
        patrimony.pop("ref", None)
    return view
