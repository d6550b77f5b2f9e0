"""Tickets over the real application: bodies as clients send them, and many requests at once."""

import asyncio
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import httpx2
from starlette.testclient import TestClient

OPENED = "2026-01-15T10:00:00.000+01:00"
LATER = "2026-01-15T11:00:00.000+01:00"

Body = dict[str, Any]


def new_uid() -> str:
    return str(uuid4())


def infos(**fields: Any) -> Body:
    """TicketInfos; what is None is left out."""
    given = {
        "caller": {
            "name": {"value": "Mme Élise Œuvrard", "nameType": "PoorName"},
            "medium": {"phone": "0320015450", "contactMediumType": "Phone"},
            "callerType": "HumanCaller",
        },
        "claimNumber": {},
        "address": {"street": "8 rue des Batignolles", "zipCode": "75001", "city": "PARIS"},
        "request": "Fuite au plafond de la cuisine",
        "callPurposeLabel": "Plomberie / Fuite",
        "altCallPurpose": {},
        "additionalData": {},
    } | fields
    return {name: value for name, value in given.items() if value is not None}


def in_patrimony(uid: str) -> Body:
    return {"patrimonyUid": uid, "locationReferenceType": "PatrimonyLocation"}


def in_agency(uid: str) -> Body:
    return {"agencyUid": uid, "locationReferenceType": "AgencyLocation"}


def contact(uid: str) -> Body:
    """A provider contact as assignee."""
    return {"providerUid": uid, "assigneeType": "ReferencedProviderContact"}


def provider(uid: str) -> Body:
    """A provider contact as provider, the form of 2017."""
    return {"providerUid": uid, "providerType": "ReferencedProvider"}


def phone(number: str = "0146304312") -> Body:
    return {"phone": number, "contactMediumType": "Phone"}


def opening(location: Body, *, date: str = OPENED, **fields: Any) -> Body:
    """An OpenTicket command; `fields` go into its TicketInfos, but for those of the command."""
    own = {"processUid", "aggregateUid", "operator", "fromSimplifiedRequest"}
    return {
        "processUid": new_uid(),
        "commandType": "OpenTicket",
        "locationRef": location,
        "openedDate": date,
        "ticket": infos(**{name: value for name, value in fields.items() if name not in own}),
        **{name: value for name, value in fields.items() if name in own},
    }


def open_ticket(user: Any, location: Body, **fields: Any) -> str:
    """The uid of a ticket that the user opens."""
    answer = user.send("POST", "tickets", opening(location, **fields))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["events"][0]["aggregateUid"])


def assign(user: Any, ticket: str, contact_uid: str, date: str = LATER) -> list[Body]:
    """The events of a contact's being in charge from now on."""
    events: list[Body] = user.events(
        f"tickets/{ticket}", "IdentifyAssignee", assignee=contact(contact_uid), date=date
    )
    return events


def close(user: Any, ticket: str, date: str = LATER) -> None:
    user.events(f"tickets/{ticket}", "CloseTicket", stillOnSite="No", closingDate=date)


def detail(user: Any, uid: str) -> Any:
    """The ticket by itself."""
    return user.get(f"tickets/{uid}")


def listed(user: Any, uid: str, path: str = "tickets") -> Any:
    """The ticket in a list, or in the export."""
    (found,) = [each for each in user.get(path)["result"] if each["uid"] == uid]
    return found


def provider_contact(root: Any, company: str, name: str = "Chauffage Raymond & Fils") -> str:
    """A new provider contact of the company."""
    return str(
        root.created(
            "providercontacts",
            "AddProviderContact",
            companyUid=company,
            date=OPENED,
            name={"value": name, "nameType": "PoorName"},
            phones=["0146304312"],
            fax=[],
            emails=["raymond@chauffage.example"],
        )
    )


def request(user: Any, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Request:
    """A request of the user, to be sent later."""
    return httpx2.Request(
        method, f"http://testserver{path}", json=body, headers={**user._headers, **headers}
    )


def all_at_once(http: TestClient, requests: Iterable[httpx2.Request]) -> list[httpx2.Response]:
    """The answers to requests that are all under way at the same time, in their order."""

    async def send() -> list[httpx2.Response]:
        transport = httpx2.ASGITransport(app=http.app)
        async with httpx2.AsyncClient(transport=transport) as client:
            return await asyncio.gather(*(client.send(each) for each in requests))

    assert http.portal is not None
    return http.portal.call(send)
