"""The answers that the published reference prints for tickets, with uids that are uids."""

from typing import Any

AGENCY = {"uid": "17d706c1-7844-00f5-a4a4-f1afa1975184", "name": "My Agency"}
ADDRESS = {
    "street": "8 rue des batignolles",
    "complement": "Batiment C",
    "zipCode": "75001",
    "city": "PARIS",
}
PROVIDER = {"name": "Mr Provider", "phones": ["0146304312"], "fax": [], "emails": []}
CALLER = {"name": "John Doe", "medium": {"mediumType": "PHONE", "identifier": "0601020304"}}

LISTED: dict[str, Any] = {
    "uid": "17ab7b5b-b7ca-18f6-d5f3-3dfbcbaee1a2",
    "ref": "REF20160526",
    "agencies": [AGENCY],
    "patrimony": {"uid": "17ab7b5b-b7ca-18f6-d5f3-3dfbcbaee1a2", "name": "My patrimony"},
    "status": "CLOSED",
    "state": {"value": "TicketClosed", "date": "2016-05-26T08:18:52.000Z"},
    "created": "2016-05-26T08:14:44.000Z",
    "updated": "2016-05-26T08:18:52.000Z",
    "closed": "2016-05-26T08:18:52.000Z",
    "callPurpose": "Chauffage  / Chauffage HS",
    "provider": PROVIDER,
    "caller": CALLER,
    "address": ADDRESS,
}

JOURNAL: list[dict[str, Any]] = [
    {
        "day": "2016-05-26",
        "events": [
            {"eventName": "TicketUpdated", "date": "2016-05-26T08:16:06.000Z", "data": {}},
            {"eventName": "InterventionFinished", "date": "2016-05-26T08:18:00.000Z", "data": {}},
            {
                "eventName": "CallEmittedTo",
                "date": "2016-05-26T08:18:30.000Z",
                "data": {"called": "Mr Provider", "medium": "PHONE", "identifier": "0146304312"},
            },
            {"eventName": "TicketClosed", "date": "2016-05-26T08:18:52.000Z", "data": {}},
        ],
    }
]

DETAILED: dict[str, Any] = LISTED | {
    "request": "water leak in my apartment",
    "journal": JOURNAL,
    "additionalDataz": {"tel_contact": "0141221835", "nom_contact": "Godo"},
    "callCenterReactionTime": 82000,
    "interventionResponseTime": 196000,
}

EXPORTED: dict[str, Any] = {
    "uid": "ebf5b908-dc8d-cd22-02f8-8dc9bfc8c345",
    "ref": "20163000er4",
    "agencies": [AGENCY],
    "patrimony": {"uid": "f178e729-3286-74d1-ab19-c8539d1dc741", "name": "ZER319"},
    "status": "OPENED",
    "state": {"value": "MissionAccepted", "date": "2016-11-09T11:44:48.000Z"},
    "created": "2016-11-09T11:42:30.000Z",
    "updated": "2016-11-09T11:45:00.000Z",
    "callPurpose": "froid alimentaire",
    "request": "MEUBLE CHARCUTERIE TRAD.",
    "provider": {
        "uid": "b1dbc546-48bd-f49c-b76f-5028426d5321",
        "name": "chauffagiste Raymond & Fils",
        "phones": ["0146306552", "0345632753"],
        "fax": [],
        "emails": ["john.doe@unknown.com"],
    },
    "caller": {
        "name": "email DI",
        "medium": {"mediumType": "PHONE", "identifier": "0654675432"},
    },
    "address": {"street": "zi saint hermentaire", "zipCode": "83300", "city": "DRAGUIGNAN"},
    "freeCommentaries": [{"date": "2017-02-28T15:35:00+01:00", "message": "le message"}],
    "additionalDataz": {"Code magasin": "OT456", "OT urgente": "NON"},
}

STATISTICS = {
    "newTickets": {"lastSevenDays": 67, "lastMonth": 12, "currentMonth": 138},
    "ticketCreationFrequency": {"byDay": 1},
}

EVENT: dict[str, Any] = {
    "processUid": "b000454f-6561-179a-35e5-254d09934d43",
    "aggregateUid": "b20efb62-a12a-cc8f-e1b7-edcf5c869e57",
    "locationRef": {
        "agencyUid": "5ced7e8e-3baa-1cb1-575d-b0e98cf21d5c",
        "locationReferenceType": "AgencyLocation",
    },
    "operator": {
        "operatorUid": "d7b82473-8fcc-739c-4e2e-7665d942f387",
        "operatorType": "ReferencedOperator",
    },
    "sentDate": "2015-10-01T05:34:59.000Z",
    "ticket": {
        "caller": {
            "name": {"value": "John Doe", "nameType": "PoorName"},
            "medium": {"phone": "0146304563", "contactMediumType": "Phone"},
            "callerType": "HumanCaller",
        },
        "claimNumber": {},
        "address": {"street": "3 rue de Paris", "zipCode": "75001", "city": "Paris"},
        "request": "Fuite au niveau du plafond de la cuisine.",
        "callPurposeLabel": "Fuite d'eau",
        "altCallPurpose": {},
        "additionalData": {},
    },
    "openedDate": "2015-10-01T05:34:59.000Z",
    "eventType": "TicketOpened",
}

OPENED: dict[str, Any] = {
    "processUid": "5a7bd760-9487-cd87-860a-e043d0b3e99d",
    "aggregateUid": "eb0ea007-67af-4bf5-a34a-43dfca55717c",
    "locationRef": {
        "patrimonyUid": "74aa4bf3-8fde-4985-b16e-e3ba2788868f",
        "locationReferenceType": "PatrimonyLocation",
    },
    "operator": {
        "operatorUid": "f281d579-084e-95a1-8abb-582f2dcc2ed5",
        "operatorType": "ReferencedOperator",
    },
    "ticket": {
        "caller": {
            "name": {"value": "Mr John Doe", "nameType": "PoorName"},
            "medium": {"phone": "0320015450", "contactMediumType": "Phone"},
            "callerType": "HumanCaller",
        },
        "claimNumber": {"clientClaimNumber": "2016256649"},
        "address": {
            "quality": "quality",
            "street": "street",
            "complement": "complement",
            "zipCode": "zipCode",
            "city": "city",
            "state": "state",
            "country": "country",
        },
        "request": "FRIGOS EN PANNE",
        "callPurposeLabel": "frigoriste",
        "altCallPurpose": {},
        "additionalData": {"Code magasin": "FRPK98", "OS urgent": "NON"},
    },
    "openedDate": "2016-08-25T16:51:23.000+02:00",
    "commandType": "OpenTicket",
}
"""The body of the reference's OpenTicket."""

ASSIGNED: dict[str, Any] = {
    "processUid": "f5391199-e544-60f3-037c-16f3229fd59d",
    "operator": OPENED["operator"],
    "provider": {
        "providerUid": "7943797a-93c4-73f9-48f8-6baea5e94d13",
        "providerType": "ReferencedProvider",
    },
    "purpose": {
        "comment": "Choix du contact par l'opérateur",
        "providerAssignationPurposeType": "RecourseChanged",
    },
    "date": "2016-08-25T15:31:53.000+02:00",
    "commandType": "AssignProvider",
}
"""The body of the reference's PATCH."""
