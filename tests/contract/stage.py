"""A ticket in a state where everything is allowed, and the bodies to send it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.app import LATER, assign, close, in_patrimony, new_uid, open_ticket, provider_contact
from tests.contract.reader import Writer
from tests.incidents.conftest import SIRET, User, World

FIRST_DEADLINE = "2026-01-16T10:00:00.000+01:00"
VALUES = {
    "startDate": "2026-01-17T08:00:00.000+01:00",
    "endDate": "2026-01-17T10:00:00.000+01:00",
    "reportDate": "2026-01-18T10:00:00.000+01:00",
    "deadline": "2026-01-20T10:00:00.000+01:00",
}


CLOSED = {
    "CorrectTicketInformations",
    "TicketInformationsCorrected",
    "ReopenTicket",
    "TicketReopened",
}
"""What is sent to a closed ticket."""

MOVES_DEADLINE = {"ReportFormalNoticeForProvider", "FormalNoticeForProviderReported"}
"""Every one needs a ticket of its own."""


class Sent(NamedTuple):
    """A body, whether it was one with all fields, and the events that answered it."""

    body: dict[str, Any]
    events: list[dict[str, Any]]


class Stage:
    """A ticket in a state where every command is allowed, and the bodies to send it."""

    def __init__(self, world: World) -> None:
        self.user: User = world.operator_user
        self.location = in_patrimony(world.patrimony)
        self.provider = provider_contact(world.root, world.company)
        company = world.root.created(
            "providercompanies", "ReferenceProviderCompany", name="Fournisseur", siretNumber=SIRET
        )
        caller = world.root.created(
            "patrimonycontacts",
            "ReferencePatrimonyContact",
            name={"value": "Gardien", "nameType": "PoorName"},
            contacts=[{"phone": "0600000000", "contactMediumType": "Phone"}],
            linkedWithEntities=[
                {"patrimonyUid": world.patrimony, "linkType": "LinkToPatrimonyAsCareTaker"}
            ],
        )
        operator = world.root.created(
            "operators", "ReferenceOperator", callCenterUid=world.center, lastName="Opératrice"
        )
        self._uids = {
            "": new_uid(),
            "patrimonyUid": world.patrimony,
            "agencyUid": world.agency,
            "operatorUid": operator,
            "userUid": self.user.uid,
            "providerUid": self.provider,
            "ReferencedProviderCompany.providerUid": company,
            "ReferencedContactCaller.uid": caller,
        }

    def ticket(self, *, closed: bool = False) -> tuple[str, str]:
        """A ticket with a provider, a deadline and a message; its uid and the message's."""
        uid = open_ticket(self.user, self.location)
        assign(self.user, uid, self.provider)
        deadline = {"assignee": self.assignee(), "date": LATER, "deadline": FIRST_DEADLINE}
        self.user.events(f"tickets/{uid}", "DefineInterventionDeadline", **deadline)
        if closed:
            close(self.user, uid)
        said = self.user.events(f"tickets/{uid}", "AddMessage", message="!", messageAddedDate=LATER)
        return uid, said[0]["processUid"]

    def assignee(self) -> dict[str, str]:
        return {"providerUid": self.provider, "assigneeType": "ReferencedProviderContact"}

    def bodies(self, fields: dict[str, str], message: str) -> Iterator[dict[str, Any]]:
        """Bodies with all fields, one for each member of a union, and with required ones only."""
        writer = Writer(self._uids, {**VALUES, "targetedEvent": message})
        for full, nth in ((True, 0), (True, 1), (True, 2), (True, 3), (False, 0), (False, 2)):
            body = writer.body(fields, full=full, nth=nth)
            if not full:
                body.pop("operator", None)
            yield body | {key: new_uid() for key in ("processUid", "aggregateUid") if key in body}

    def send(self, uid: str, body: dict[str, Any]) -> Any:
        if "OpenTicket" in body.values() or "TicketOpened" in body.values():
            return self.user.send("POST", "tickets", body)
        return self.user.send("PATCH", f"tickets/{uid}", body)

    def sent(self, fields: dict[str, str], name: str) -> Iterator[Sent]:
        """All those bodies, accepted."""
        uid, message = self.ticket(closed=name in CLOSED)
        for body in self.bodies(fields, message):
            if name in MOVES_DEADLINE:
                uid, _ = self.ticket()
            answer = self.send(uid, body)
            opens = name in ("OpenTicket", "TicketOpened")
            assert answer.status_code == (201 if opens else 200), (body, answer.text)
            events = answer.json()["events"]
            expected = body.get("aggregateUid") if opens else uid
            assert expected is None or {event["aggregateUid"] for event in events} == {expected}
            yield Sent(body, events)
