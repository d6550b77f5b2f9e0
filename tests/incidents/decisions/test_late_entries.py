"""Entries arrive late and in any order: a ticket is what its journal says, by business date."""

import json
from datetime import timedelta
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, settings
from hypothesis import given as given_values
from hypothesis import strategies as st
from tests.incidents.decisions.late_entries import RULES, START, Entry, moment, shown
from tests.incidents.decisions.slices import AGGREGATE, body, uid

from gerance.incidents.messages import Stamp
from gerance.incidents.tickets.commands import AnyTicketCommand
from gerance.incidents.tickets.decide import EVENTS_OF, decide
from gerance.incidents.tickets.documents import detailed, list_and_export
from gerance.incidents.tickets.evolve import evolve
from gerance.incidents.tickets.state import (
    Location,
    Parties,
    PartyName,
    ShownProvider,
    TicketState,
)
from gerance.kernel.errors import Rejection
from gerance.kernel.wire import DateTime, convert, decode, encode, members

COMMAND_OF = {EVENTS_OF[kind][0].__name__: kind.__name__ for kind in members(AnyTicketCommand)}
DATE_FIELDS = ("date", "reportDate", "closingDate", "startedDate", "finishedDate",
               "messageAddedDate", "logTrialAddedDate")  # fmt: skip
PARTIES = (uid(7), uid(8))
EVENTS = sorted(
    {name for name in COMMAND_OF if name[0].isupper()}
    - {"TicketOpened", "TicketEventInformationsCorrected", "LocationReferenceCorrected"}
)
SHOWN_TO = Parties(
    Location(PartyName(uid(6), "Syndic"), []), {party: ShownProvider(party) for party in PARTIES}
)


class Sent:
    """A ticket and what was sent about it."""

    def __init__(self) -> None:
        self.state: TicketState | None = None
        self.entries: list[Entry] = []
        self.send("TicketOpened", 0, 0)

    def send(self, event: str, minute: int, choice: int) -> None:
        """Send the command that causes the event. One that is rejected leaves no entry."""
        number = len(self.entries)
        command = body(COMMAND_OF[event], full=False, number=100 + number)
        party, late = PARTIES[choice % 2], moment(minute)
        command |= {name: late for name in DATE_FIELDS if name in command}
        fields: dict[str, Any] = {}
        for name, tag in (("assignee", "assigneeType"), ("provider", "providerType")):
            if name in command or (event.startswith("Ticket") and name == "provider"):
                kind = "ReferencedProviderContact" if name == "assignee" else "ReferencedProvider"
                if "stillOnSite" in command or name in command:
                    command[name] = {"providerUid": party, tag: kind}
                    fields["party"] = party
        opened = minute if event == "TicketUpdated" else 0
        if "openedDate" in command:
            command["openedDate"] = moment(opened)
            fields["opened"] = opened
        if "stillOnSite" in command and choice % 3:
            command["report"] = fields["report"] = f"Rapport {number}"
        if "startDate" in command:
            command["endDate"] = command["startDate"] = fields["start"] = moment(300 + choice)
        if "deadline" in command:
            command["deadline"] = fields["deadline"] = moment(choice)
        if "sendingDate" in command:
            command["ref"] = fields["ref"] = f"OS {number}"
        if event == "AssigneeIdentified" and choice % 5 == 0:
            command["instructions"] = f"Consigne {number}"
        if "instructions" in command:
            fields["instructions"] = command["instructions"] = f"Consigne {number}"
        self._execute(command, minute, fields)

    def _execute(self, command: dict[str, Any], minute: int, fields: dict[str, Any]) -> None:
        received = 400 + len(self.entries)
        sent_date = DateTime.of(START + timedelta(minutes=received))
        stamp = Stamp(aggregate=AGGREGATE, user=uid(5), sent_date=sent_date)
        try:
            events = decide(self.state, convert(command, AnyTicketCommand), stamp)
        except Rejection:
            return
        number = self.entries[-1].command + 1 if self.entries else 0
        for nth, event in enumerate(events):
            self.state = evolve(self.state, event)
            self.state = decode(TicketState, encode(self.state))
            dated = any(name in command for name in DATE_FIELDS) or number == 0
            name = type(event).__name__
            self.entries.append(
                Entry(name, minute if dated or nth else received, len(self.entries), number, fields)
            )

    def view(self) -> dict[str, Any]:
        """What the views have of `shown`."""
        assert self.state is not None
        details = json.loads(detailed(self.state, SHOWN_TO, ZoneInfo("Europe/Paris")))
        listed, more = list_and_export(self.state, SHOWN_TO)
        export = json.loads(b"{" + listed + b"," + more + b"}")
        names = ("status", "state", "created", "updated", "closed")
        assert {name: export.get(name) for name in names} == {n: details.get(n) for n in names}
        assert details["stats"] == export["stats"]
        assert details["dates"].get("closed") == details.get("closed")
        view = {name: details[name] for name in (*names, "stats") if name in details}
        view["stats"] = {name: int(text) for name, text in view["stats"].items()}
        assignee = details.get("assignee", {})
        days = [day["events"] for day in details["journal"]]
        return view | {
            "journal": [(each["eventName"], each["date"]) for day in days for each in day],
            "messages": [each["date"] for each in export["freeCommentaries"]],
            "intervention": self.state.intervention,
            "report": details.get("report"),
            "assignee": assignee.get("uid"),
            "instructions": assignee.get("instructionsForAssignee"),
            "scheduled": export.get("interventionScheduled", {}).get("startDate"),
            "deadline": export.get("interventionDeadline"),
            "notice": export.get("formalNotice", {}).get("deadline"),
            "order": details.get("serviceOrder", {}).get("ref"),
            "started": export["journalAdditionalInfos"].get("interventionStarted"),
        }


def entered(*arrivals: tuple[str, int] | tuple[str, int, int]) -> Sent:
    sent = Sent()
    for event, minute, *choice in arrivals:
        sent.send(event, minute, choice[0] if choice else 1)
    return sent


ARRIVALS = st.lists(
    st.tuples(
        st.sampled_from(EVENTS),
        st.integers(-6, 40).map(lambda tenth: tenth * 5),
        st.integers(0, 30),
    ),
    max_size=14,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given_values(ARRIVALS)
@example([("PermanentlyFixed", 100, 1), ("TicketReopened", 90, 1), ("TicketClosed", 95, 1)])
@example([("MessageAdded", -30, 1), ("MessageAdded", 10, 1), ("TicketUpdated", -50, 1)])
@example([("ArrivedOnSite", 50, 0), ("GoneFromSite", 40, 1), ("AssigneeIdentified", 60, 5)])
@example([("MessageAdded", 20, 1), ("MessageAdded", 5, 1)])
@example([("PermanentlyFixed", -10, 1), ("PermanentlyFixed", 20, 1)])
@example([("AssigneeIdentified", 60, 10), ("AssigneeIdentified", 50, 10)])
def test_every_field_is_what_the_journal_says(arrivals: list[tuple[str, int, int]]) -> None:
    sent = entered(*arrivals)
    assert sent.view() == shown(sent.entries)


_ORDERLESS = sorted(
    set(EVENTS)
    - {"TicketReopened", "TicketUpdated", "TicketInformationsCorrected", "CallerCorrected"}
    - {"OpeningTicketPurposeCorrected", "FormalNoticeForProviderReported"}
    - {"InterventionScheduled", "MissionScheduled", "InterventionDeadlineDefined"}
    - {"SendingServiceOrderReported", "InstructionsForAssigneeDefined"}
    - {"AccessRestrictedToTicket", "TicketQualifiedByCriteria", "WorkflowAppliedToTicket"}
    - {"ContextualCommentDisplayedOnTicket", "TicketOpenedFromSimplifiedRequest"}
    - {"NotificationForInterventionAcceptedRequested"}
)
"""Events that are accepted in any state and have a business date of their own."""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given_values(
    st.lists(
        st.tuples(st.sampled_from(_ORDERLESS), st.integers(-10, 200)),
        min_size=2,
        max_size=4,
        unique_by=lambda arrival: arrival[1],
    )
)
def test_the_same_entries_make_the_same_ticket_in_any_order(arrivals: list[Any]) -> None:
    views = []
    for ordered in permutations(arrivals):
        view = entered(*((event, minute, 6) for event, minute in ordered)).view()
        view["report"] = view["report"] and "Rapport"
        views.append(view)
    assert all(view == views[0] for view in views)


@pytest.mark.parametrize("case", RULES["cases"], ids=lambda case: str(case["arrive"]))
def test_the_cases_of_the_contract(case: dict[str, Any]) -> None:
    view = entered(*((event, minute) for event, minute in case["arrive"])).view()
    wanted = case["want"]
    durations = {name: int(text) for name, text in view["stats"].items()}
    flat = {**durations, "status": view["status"], "state": view["state"]["value"]}
    flat |= {"state_date": view["state"]["date"], "updated": view["updated"]}
    flat |= {"closed": view["closed"]} if "closed" in view else {}
    for name, value in wanted.items():
        if name in ("state_date", "closed", "updated") and value != "absent":
            value = moment(value)
        assert flat.get(name, "absent") == value, name
