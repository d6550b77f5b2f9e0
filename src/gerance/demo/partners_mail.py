"""E-mail of the demonstration's partner: two open proposals."""

from collections.abc import Iterator
from datetime import date, timedelta

from gerance.kernel.db import Connection
from gerance.partners.lifecycle.state import Details
from gerance.partners.mail.parser import read_request
from gerance.partners.mail.proposal import propose

SENDER = "service.client@foussier.example"
_PARTNER = "FOUSSIER"
_CLEAR = """Bonjour,
merci de résilier au {last:%d/%m/%Y}.
Motif : départ en retraite
Tél. : {phone}
Cordialement,
Jeanne Martin
"""
_UNCLEAR = """Bonjour,
merci de résilier au {last:%d/%m/%Y}.
Nom : Anne Delaunay
Adresse : 3 place Bellecour
69002 Lyon
Cordialement,
Jeanne Martin
"""


async def propose_from_mail(
    connection: Connection, customers: Iterator[tuple[str, Details]], today: date
) -> None:
    """Propose two terminations: one message matches the stored client, the other does not."""
    last = today + timedelta(days=60)
    for nth, text in enumerate((_CLEAR, _UNCLEAR), start=1):
        client_id, details = next(customers)
        name = f"{details.firstname} {details.lastname}"
        message = (
            f"From: Service client <{SENDER}>\n"
            f"Subject: [Résiliation][Foussier] Client {name} - {client_id}\n"
            f"Message-ID: <demo-{nth}@foussier.example>\n"
            "Content-Type: text/plain; charset=utf-8\n\n"
        ) + text.format(last=last, phone=details.phone_number1)
        request = read_request(message.encode(), today)
        await propose(connection, _PARTNER, request, "operator")
