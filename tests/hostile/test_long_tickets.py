"""Tickets with very long texts keep the event loop no longer than others."""

import json

import pytest
from tests.app import opening
from tests.hostile.conftest import Strangers
from tests.hostile.watchdog import TRIES

MIB = 1_000_000
TICKET = {
    "additional data": {"additionalData": {f"k{nth}": "x" for nth in range(60_000)}},
    "a long request": {"request": "fuite " * (MIB // 6)},
    "a long word": {"request": "x" * MIB},
    "accents": {"request": "é à ç " * (MIB // 9)},
    "a long call purpose": {"callPurposeLabel": "y " * (MIB // 2)},
    "a long instruction": {"instructions": "x" * MIB},
    "a long address": {"address": {"street": "x " * (MIB // 2), "zipCode": "x", "city": "y"}},
    "a long name": {"caller": {"name": {"value": "x " * (MIB // 2), "nameType": "PoorName"},
                               "callerType": "HumanCaller"}},
    "a long moment": {"contactToCallback": {
        "name": "x", "medium": {"phone": "1", "contactMediumType": "Phone"},
        "availability": "2026-01-15T10:00:00." + "0" * MIB}},
}  # fmt: skip


@pytest.mark.parametrize("name", TICKET)
def test_incidents_take_long_tickets(strangers: Strangers, name: str) -> None:
    place = {"patrimonyUid": strangers.patrimony, "locationReferenceType": "PatrimonyLocation"}
    expected = {"a long moment": 400}.get(name, 201)
    tickets = [
        json.dumps(opening(place, **TICKET[name]), ensure_ascii=False).encode()
        for _ in range(TRIES)
    ]

    def send() -> None:
        strangers.send("incidents", "POST", "/api/vEvent/tickets", tickets.pop(), (expected,))

    assert strangers.dog.within_budget(send), strangers.dog
