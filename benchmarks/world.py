"""The smallest world that tickets can be opened in, and command bodies for it."""

from typing import NamedTuple
from uuid import uuid4

import psycopg

from gerance.kernel.identity.principal import Principal
from gerance.kernel.wire import encode


class BenchWorld(NamedTuple):
    principal: Principal
    patrimony: str


async def prepare(url: str) -> BenchWorld:
    """A call centre, a client account with an agency and a patrimony, and who works there."""
    center, company, agency, patrimony = (str(uuid4()) for _ in range(4))
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(
            "INSERT INTO company (uid, company_type, name, call_center) VALUES"
            " (%s, 'CallCenter', 'Centre', NULL), (%s, 'ClientAccount', 'Régie', %s)",
            [center, company, center],
        )
        await connection.execute(
            "INSERT INTO agency (uid, company, name, document) VALUES (%s, %s, 'Agence', '{}')",
            [agency, company],
        )
        await connection.execute(
            "INSERT INTO patrimony (uid, company, agencies, ref, label)"
            " VALUES (%s, %s, %s::uuid[], 'R1', 'Les Tilleuls')",
            [patrimony, company, [agency]],
        )
    principal = Principal(uid=str(uuid4()), kind="superUser", login="bench")
    return BenchWorld(principal, patrimony)


def open_body(world: BenchWorld, uid: str) -> bytes:
    """An OpenTicket like the reference's."""
    return encode(
        {
            "processUid": str(uuid4()),
            "aggregateUid": uid,
            "locationRef": {
                "patrimonyUid": world.patrimony,
                "locationReferenceType": "PatrimonyLocation",
            },
            "ticket": {
                "caller": {
                    "name": {"value": "Mme Dupont", "nameType": "PoorName"},
                    "medium": {"phone": "0320015450", "contactMediumType": "Phone"},
                    "callerType": "HumanCaller",
                },
                "claimNumber": {"clientClaimNumber": "2016256649"},
                "address": {"street": "3 rue de Paris", "zipCode": "75001", "city": "Paris"},
                "request": "Fuite au niveau du plafond de la cuisine.",
                "callPurposeLabel": "Plomberie  / Fuite",
                "altCallPurpose": {},
                "additionalData": {},
            },
            "openedDate": "2016-08-25T16:51:23.000+02:00",
            "commandType": "OpenTicket",
        }
    )


def message_body() -> bytes:
    """An AddMessage."""
    return encode(
        {
            "processUid": str(uuid4()),
            "message": "Le locataire rappelle : la fuite continue, merci de relancer.",
            "messageAddedDate": "2016-08-25T17:02:00.000+02:00",
            "commandType": "AddMessage",
        }
    )
