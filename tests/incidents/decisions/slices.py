"""Given these events, when this command, then these events: every slice's rules, without I/O."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import yaml
from tests.contract.reader import CONTRACT, HERE, Wire, Writer

from gerance.incidents.aggregate import Aggregate
from gerance.incidents.aggregates import AGGREGATES
from gerance.incidents.messages import Stamp
from gerance.kernel.wire import DateTime, SafeUUID, convert, decode, encode

EXTENSIONS: dict[str, Any] = yaml.safe_load((HERE / "extensions.yaml").read_text("utf-8"))
COMMANDS: dict[str, Wire] = {**CONTRACT["commands"], **EXTENSIONS["commands"]}
EVENTS: dict[str, Wire] = {**CONTRACT["events"], **EXTENSIONS["events"]}
BY_NAME = {each.name: each for each in AGGREGATES}


def uid(number: int) -> SafeUUID:
    return SafeUUID.parse(f"00000000-0000-0000-0000-{number:012d}")


AGGREGATE, OTHER, ADDRESS, AGENCY = uid(1), uid(3), uid(4), uid(6)
STAMP = Stamp(
    aggregate=AGGREGATE, user=uid(5), sent_date=DateTime.parse("2026-01-15T10:00:00.000Z")
)
SIRET = "73282932000074"
FACTS: dict[str, dict[str, Any]] = {
    "user": {"company": OTHER},
    "patrimony": {"company": OTHER},
    "lot": {"company": OTHER},
    "patrimony_contact": {"company": OTHER},
    "provider_contact": {"call_center": OTHER},
}
"""What `handle` finds out about a creation, by the name of the aggregate."""

VALUES = {
    "startDate": "2026-01-17T08:00:00.000+01:00",
    "endDate": "2026-01-17T10:00:00.000+01:00",
    "reportDate": "2026-01-18T10:00:00.000+01:00",
    "deadline": "2026-01-20T10:00:00.000+01:00",
    "siretNumber": SIRET,
    "targetedEvent": uid(73),
    "addressUid": ADDRESS,
}
"""Values of fields that a rule reads."""

_PLACE = {"street": "rue Haute", "zipCode": "69001", "city": "Lyon"}
_AGENCY = {"agencyUid": AGENCY, "name": "Agence", "phones": [], "emails": [], "address": _PLACE}
FIELDS: dict[str, Wire] = {
    "CreateAgency": {"agency": _AGENCY},
    "UpdateAgency": {"agency": _AGENCY},
    "ReferenceLot": {"addresses": [_PLACE]},
    "AddComplementaryAddressToPatrimony": {"complementaryAddress": _PLACE},
    # The uid that the command before it made of its processUid.
    "RemoveComplementaryAddressFromPatrimony": {
        "addressUid": SafeUUID(str(uuid5(UUID(AGGREGATE), uid(71))))
    },
    "AddAddressToLot": {"address": {"addressReference": {"uid": ADDRESS, **_PLACE}}},
    "ReferencePatrimonyContact": {"address": _PLACE},
    "CorrectTicketInformations": {"fieldsToCorrect": {"request": "Une fuite"}},
}
"""Fields of commands that have rules of their own."""

BEFORE: dict[str, tuple[str, ...]] = {
    "UpdateCallCenter": ("CreateCallCenter",),
    "UpdateClientAccountHolding": ("CreateClientAccountHolding",),
    "IdentifyCompany": ("CreateClientAccount",),
    "UpdateClientAccount": ("CreateClientAccount",),
    "CreateAgency": ("CreateClientAccount",),
    "UpdateAgency": ("CreateClientAccount", "CreateAgency"),
    "DisableUser": ("ReferenceExecutive",),
    "UpdateUser": ("ReferenceExecutive",),
    "UpdateLogin": ("ReferenceExecutive",),
    "DissociatePatrimonyFromAgency": ("ReferencePatrimony", "AssociatePatrimonyInAgency"),
    "RemoveComplementaryAddressFromPatrimony": (
        "ReferencePatrimony",
        "AddComplementaryAddressToPatrimony",
    ),
    "DissociateProviderContactFromAgency": (
        "AddProviderContact",
        "AssociateProviderContactToAgency",
    ),
    "DissociateProviderContactFromPatrimony": (
        "AddProviderContact",
        "AssociateProviderContactWithPatrimony",
    ),
    "RemoveAddressFromLot": ("ReferenceLot", "AddAddressToLot"),
}
"""The commands that come before one, where they are not the slice's first."""

TICKET_BEFORE = ("OpenTicket", "AssignProvider", "DefineInterventionDeadline", "AddMessage")
MINIMAL = {"CreateClientAccount", "ReferencePatrimony"}
"""Of the commands before, those with their required fields only."""


class Case(NamedTuple):
    """A command of the contract: its aggregate, and whether it creates one."""

    aggregate: Aggregate
    command: str

    @property
    def creates(self) -> bool:
        return not self.before and self.command not in BEFORE

    @property
    def before(self) -> tuple[str, ...]:
        if self.command in BEFORE:
            return BEFORE[self.command]
        first = self.aggregate.command_classes[0].__name__
        if self.aggregate.name in ("company", "user"):
            return ()
        if self.command == first:
            return ()
        return TICKET_BEFORE if self.aggregate.name == "ticket" else (first,)


CASES = [
    Case(aggregate, kind.__name__)
    for aggregate in AGGREGATES
    for kind in aggregate.command_classes
    if kind.__name__ in COMMANDS
]


def body(name: str, *, full: bool = True, nth: int = 0, number: int = 9) -> Wire:
    """A command of the contract with all its fields; `number`: of its processUid."""
    uids = {"": OTHER, "agencyUid": AGENCY}
    values = {**VALUES, **FIELDS.get(name, {}), "processUid": uid(number)}
    written = Writer(uids, values).body(COMMANDS[name]["fields"], full=full, nth=nth)
    written.pop("aggregateUid", None)
    return written


def aggregate_of(name: str) -> Aggregate:
    """The aggregate that has a command of this name."""
    return next(each for each in AGGREGATES if name in {c.__name__ for c in each.command_classes})


def when(state: Any, command: Wire, **facts: Any) -> list[Any]:
    """The events that the command causes in this state. Raises Rejection."""
    aggregate = aggregate_of(command["commandType"])
    message = convert(command, aggregate.commands)
    given = {**FACTS.get(aggregate.name, {}), **facts}
    return list(aggregate.decide(state, message, STAMP, **given))


def after(state: Any, events: Sequence[Any]) -> Any:
    """The state after these events, as the log stores them and the table `stream` the state."""
    for event in events:
        aggregate = next(each for each in AGGREGATES if type(event) in each.event_classes)
        state = aggregate.evolve(state, decode(aggregate.events, encode(event)))
        assert decode(aggregate.state, encode(state)) == state
    return state


def given(*commands: Wire) -> Any:
    """The state after these commands."""
    state = None
    for command in commands:
        state = after(state, when(state, command))
    return state


def given_before(case: Case) -> Any:
    """The state in which the command of a case is accepted."""
    numbers = range(70, 70 + len(case.before))
    commands = [
        body(name, full=name not in MINIMAL, number=number)
        for name, number in zip(case.before, numbers, strict=True)
    ]
    for command in commands:
        if command["commandType"] == "DefineInterventionDeadline":
            command["deadline"] = "2026-01-16T10:00:00.000+01:00"
    return given(*commands)
