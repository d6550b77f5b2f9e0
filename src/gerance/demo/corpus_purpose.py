"""What the demo knows of a call purpose and of the trade that answers it."""

from typing import Literal, NamedTuple

Trade = Literal[
    "plomberie",
    "assainissement",
    "chauffage",
    "ventilation",
    "ascenseur",
    "serrurerie",
    "fermeture",
    "interphonie",
    "électricité",
    "toiture",
    "nuisibles",
    "nettoyage",
    "espaces verts",
]
Season = Literal["all", "winter", "summer", "storm"]


class Incident(NamedTuple):
    """What is reported, what it turned out to be, and how it was repaired."""

    request: str
    nature: str
    report: str


class CallPurpose(NamedTuple):
    """One call purpose with the sentences its tickets are written with.

    `label` is the wire's `callPurposeLabel`, family and purpose as call centres write them:
    `Chauffage  / Chauffage HS`. `weight` is its share of the calls in an average month, without
    unit. `private`: it happens in a dwelling (else in the common parts); `urgent`: a technician
    goes at night; `immediate`: a technician goes within the hour, whatever it costs; `monitored`:
    a remote monitor may open the ticket. Any of the `comments` (a provider's)
    and `messages` (an operator's) fits any of the `incidents`.
    """

    label: str
    trade: Trade
    weight: int
    private: bool
    urgent: bool
    incidents: tuple[Incident, ...]
    comments: tuple[str, ...]
    messages: tuple[str, ...]
    season: Season = "all"
    monitored: bool = False
    immediate: bool = False
