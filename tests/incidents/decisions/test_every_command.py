"""Every command of every slice: the events of the contract, in a state that is stored and read."""

import pytest
from tests.contract.reader import object_problems
from tests.incidents.decisions.slices import (
    AGGREGATE,
    CASES,
    COMMANDS,
    EVENTS,
    STAMP,
    Case,
    after,
    body,
    given_before,
    when,
)

from gerance.kernel.errors import Rejection
from gerance.kernel.wire import decode, encode

IDS = [case.command for case in CASES]
CREATIONS = [case for case in CASES if case.creates]
CHANGES = [case for case in CASES if not case.creates]


def published(name: str) -> list[tuple[str, bool]]:
    """The events of the contract, and whether each is caused by every such command."""
    names = [each.split("#")[0].strip() for each in COMMANDS[name].get("emits", ())]
    return [(each.removesuffix("?"), not each.endswith("?")) for each in names]


@pytest.mark.parametrize("nth", [0, 1, 2, 3])
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_command_causes_the_events_of_the_contract(case: Case, nth: int) -> None:
    before = given_before(case)
    command = body(case.command, nth=nth)

    events = when(before, command)

    names = [type(event).__name__ for event in events]
    possible = published(case.command)
    if possible:
        assert names == [name for name, _ in possible if name in names]
        assert {name for name, always in possible if always} <= set(names)
    for event in events:
        wire = decode(dict, encode(event))
        assert (wire["aggregateUid"], wire["processUid"]) == (AGGREGATE, command["processUid"])
        assert wire["sentDate"] == STAMP.sent_date
        if case.aggregate.name == "ticket":
            fields = {"sentDate": "DateTime", **EVENTS[wire["eventType"]]["fields"]}
            assert list(object_problems(fields, wire)) == []
        if len(wire.get("date", "")) == len("2026-01-15"):
            assert wire.pop("date") == command["date"][:10]
        repeated = command.keys() & wire.keys() - {"addresses", "contacts", "complementaryAddress"}
        assert {name: wire[name] for name in repeated} == {n: command[n] for n in repeated}
    assert after(before, events) is not None


@pytest.mark.parametrize("case", CREATIONS, ids=[case.command for case in CREATIONS])
def test_what_exists_is_not_created_again(case: Case) -> None:
    state = after(None, when(None, body(case.command)))

    with pytest.raises(Rejection) as rejection:
        when(state, body(case.command, number=10))

    assert "Existing" in rejection.value.code


@pytest.mark.parametrize("case", CHANGES, ids=[case.command for case in CHANGES])
def test_what_does_not_exist_is_not_changed(case: Case) -> None:
    with pytest.raises(Rejection) as rejection:
        when(None, body(case.command))

    assert "NonExisting" in rejection.value.code
