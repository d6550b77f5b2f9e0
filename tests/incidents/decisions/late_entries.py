"""What a ticket shows of the entries in its journal, recomputed from the contract's rules.

It reads `late_entries` of the contract and shares no code with the product.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import yaml
from tests.contract.reader import HERE

RULES: dict[str, Any] = yaml.safe_load((HERE / "late_entries.yaml").read_text("utf-8"))[
    "late_entries"
]
CLOSINGS: list[str] = RULES["closings"]
STATES: list[str] = [*(name for name in RULES["state"]["value"]["of"] if name[0].isupper())]
STATES += CLOSINGS
START = datetime(2026, 1, 15, 9, tzinfo=UTC)
REPORTED = {"TicketClosed", "PermanentlyFixed", "PartiallyFixed", "TicketClosedImpossibleRepair",
            "PostponedFix"}  # fmt: skip
NAMING = RULES["others"]["in_charge"]["take"] and ("ProviderAssigned", "AssigneeIdentified")
INVOLVING = ("InterventionRequested", "InterventionAccepted", "MissionAccepted", "ArrivedOnSite",
             "InterventionStarted", "InterventionFinished", "GoneFromSite", *CLOSINGS)  # fmt: skip
INTERVENING = {"InterventionRequested", "InterventionAccepted", "MissionAccepted", "ArrivedOnSite",
               "InterventionStarted", "InterventionFinished", "GoneFromSite",
               "InterventionScheduled", "MissionScheduled"}  # fmt: skip


class Entry(NamedTuple):
    """An event. `minute`: its business date, after START; `arrival`: its place in the log;
    `command`: that of the command that caused it, 0 for the opening."""

    event: str
    minute: int
    arrival: int
    command: int
    fields: dict[str, Any]

    @property
    def place(self) -> tuple[int, int]:
        return self.minute, self.arrival


def moment(minute: int) -> str:
    """A business date as views have it."""
    text = (START + timedelta(minutes=minute)).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def shown(entries: list[Entry]) -> dict[str, Any]:
    """What the details and the export show; `entries[0]` is the opening."""
    created = next(
        each.fields["opened"]
        for each in reversed(entries)
        if each.event in ("TicketOpened", "TicketUpdated")
    )
    placed = _placed(entries)
    reopened = max((at for at, each in placed if each.event == "TicketReopened"), default=None)
    state = _last(placed, STATES)
    closings = [
        each
        for at, each in placed
        if each.event in CLOSINGS and (reopened is None or at > reopened)
    ]
    last = _last(placed, ["TicketOpened", "TicketReopened", *CLOSINGS])
    is_closed = last is not None and last.event in CLOSINGS
    assert state is not None
    answer: dict[str, Any] = {
        "status": "CLOSED" if is_closed else "OPENED",
        "state": {"value": state.event, "date": moment(state.minute)},
        "created": moment(created),
        "updated": moment(max(each.minute for each in entries)),
        "stats": _durations(entries, closings, created),
        "journal": [(each.event, moment(each.minute)) for each in sorted(
            entries[1:], key=lambda each: each.place)],
        "messages": [moment(each.minute) for each in sorted(
            entries, key=lambda each: each.place) if each.event == "MessageAdded"],
        "intervention": any(each.event in INTERVENING for each in entries),
    }  # fmt: skip
    if is_closed:
        answer["closed"] = moment(closings[0].minute)
    in_time = sorted(entries, key=lambda each: each.place)
    reports = [each for each in in_time if each.event in REPORTED and each.fields.get("report")]
    answer["report"] = reports[-1].fields["report"] if reports else None
    answer["assignee"] = _in_charge(in_time)
    answer["instructions"] = _instructions(in_time, answer["assignee"])
    for name, kinds, field in (
        ("scheduled", ["InterventionScheduled", "MissionScheduled"], "start"),
        ("deadline", ["InterventionDeadlineDefined", "FormalNoticeForProviderReported"],
         "deadline"),
        ("notice", ["FormalNoticeForProviderReported"], "deadline"),
        ("order", ["SendingServiceOrderReported"], "ref"),
    ):  # fmt: skip
        last = next((each for each in reversed(in_time) if each.event in kinds), None)
        answer[name] = last.fields[field] if last else None
    starts = [each.minute for each in in_time if each.event == "InterventionStarted"]
    answer["started"] = moment(starts[0]) if starts else None
    return answer


def _placed(entries: list[Entry]) -> list[tuple[tuple[int, int], Entry]]:
    """By business date; a reopening not before the latest closing that had arrived before it."""
    pairs = []
    for each in entries:
        minute = each.minute
        if each.event == "TicketReopened":
            undone = [
                it.minute for it in entries if it.event in CLOSINGS and it.arrival < each.arrival
            ]
            minute = max([minute, *undone])
        pairs.append(((minute, each.arrival), each))
    return sorted(pairs, key=lambda pair: pair[0])


def _last(placed: list[tuple[tuple[int, int], Entry]], kinds: Iterable[str]) -> Entry | None:
    return next((each for _, each in reversed(placed) if each.event in set(kinds)), None)


def _durations(entries: list[Entry], closings: list[Entry], created: int) -> dict[str, int]:
    counted = sorted(
        (each for each in entries if each.minute >= created), key=lambda each: each.place
    )

    def minutes(kinds: Iterable[str]) -> list[int]:
        return [each.minute for each in counted if each.event in set(kinds)]

    rules = RULES["durations"]
    results: dict[str, tuple[int | None, int | None]] = {}
    later = [each.minute for each in counted if each.command != 0]
    results["callCenterReactionTime"] = (created, later[0] if later else None)
    for name in ("transmissionTime", "interventionResponseTime"):
        found = minutes(rules[name]["of"])
        results[name] = (created, found[0] if found else None)
    duration = rules["interventionDuration"]
    starts = minutes(duration["from_of"]) or minutes(duration["else_first"])
    ends = minutes(duration["to_of"]) or minutes(duration["else_last"])
    results["interventionDuration"] = (
        starts[0] if starts else None,
        ends[-1] if ends else None,
    )
    fixes = [
        each.minute
        for each in closings
        if each.event in rules["repairTime"]["of"] and each.minute >= created
    ]
    results["repairTime"] = (created, fixes[0] if fixes else None)
    return {
        name: (end - start) * 60_000
        for name, (start, end) in results.items()
        if start is not None and end is not None and end >= start
    }


def _in_charge(in_time: list[Entry]) -> str | None:
    named = [each for each in in_time if each.event in NAMING]
    if named:
        return str(named[-1].fields["party"])
    involved = [each for each in in_time if each.event in INVOLVING and each.fields.get("party")]
    return str(involved[0].fields["party"]) if involved else None


def _instructions(in_time: list[Entry], assignee: str | None) -> str | None:
    texts = [
        each.fields["instructions"]
        for each in in_time
        if each.event == "InstructionsForAssigneeDefined" and each.fields["party"] == assignee
    ]
    return texts[-1] if texts else None
