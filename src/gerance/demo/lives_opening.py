"""How a ticket is opened: who calls from where, about what."""

from gerance.demo.corpus import PURPOSES
from gerance.demo.corpus_journal import (
    ALARM_ORIGINS,
    ANSWERS_TO_CALLER,
    CALLER_COMMENTS,
    INSTRUCTIONS_TO_CALL_CENTRE,
    REMARKS_ON_COMMON_PARTS,
)
from gerance.demo.lives_calendar import HOURS, purposes_at, wire
from gerance.demo.lives_journal import Journal
from gerance.demo.world_records import Wire


def open_ticket(journal: Journal) -> None:
    """OpenTicket, the first command of every life."""
    random = journal.random
    purpose = purposes_at(HOURS[journal.moment // 3600]).draw(random())
    journal.purpose = purpose
    sites = journal.cast.agency_sites if random() < 0.04 else journal.cast.sites
    site = journal.site = journal.pick(sites)
    automatic = purpose.monitored and random() < 0.2
    journal.caller = site.automaton if automatic else journal.pick(site.callers)
    journal.incident = journal.pick(purpose.incidents)
    request = journal.incident.request
    if automatic:
        request = f"{journal.pick(ALARM_ORIGINS)} {request}"
    elif not purpose.private and random() < 0.4:
        request = f"{request} {journal.pick(REMARKS_ON_COMMON_PARTS)}"
    command: Wire = {
        "processUid": journal.a_uid(),
        "aggregateUid": journal.uid,
        "locationRef": site.location,
    }
    operator = journal.pick(site.desk.operators)
    if operator is not None:
        command["operator"] = operator
    command["ticket"] = _ticket(journal, request, automatic)
    command["openedDate"] = wire(journal.moment)
    journal.end(command, "OpenTicket")


def _ticket(journal: Journal, request: str, automatic: bool) -> Wire:
    purpose, caller, random = journal.purpose, journal.caller, journal.random
    ticket: Wire = {"caller": caller.caller}
    if not automatic and random() < 0.1:
        ticket["contactToCallback"] = _callback(journal)
    ticket["claimNumber"] = _claim_number(journal)
    ticket["address"] = caller.address if purpose.private else journal.site.address
    ticket["request"] = request
    if random() < 0.22:
        ticket["instructions"] = journal.pick(INSTRUCTIONS_TO_CALL_CENTRE)
    label = _label(journal)
    ticket["callPurposeLabel"] = label
    if random() < 0.6:
        ticket["callPurposeUid"] = journal.cast.purpose_uids[label]
    ticket["altCallPurpose"] = (
        {"Corps de métier": [purpose.trade.capitalize()]} if random() < 0.12 else {}
    )
    ticket["additionalData"] = _additional_data(journal) if random() < 0.15 else {}
    return ticket


def _label(journal: Journal) -> str:
    """The purpose's label; now and then the operator takes another one of the same trade."""
    if journal.random() < 0.985:
        return journal.purpose.label
    trade, label = journal.purpose.trade, journal.purpose.label
    others = [p.label for p in PURPOSES if p.trade == trade and p.label != label]
    journal.mislabelled = bool(others)
    return journal.pick(others) if others else label


def _callback(journal: Journal) -> Wire:
    caller = journal.caller
    callback: Wire = {"name": caller.name, "medium": caller.medium}
    if journal.chance(0.5):
        callback["availability"] = wire(journal.moment + 3600 * (2 + int(journal.random() * 20)))
    if journal.chance(0.4):
        callback["comment"] = journal.pick(CALLER_COMMENTS)
    return callback


def _claim_number(journal: Journal) -> Wire:
    draw = journal.random()
    if draw < 0.42:
        return {"clientClaimNumber": f"{journal.year}{journal.number + 1:06d}"}
    number = f"{journal.site.desk.claim_prefix}-{journal.number + 1:07d}"
    if draw < 0.74:
        return {"callCenterClaimNumber": number}
    if draw < 0.82:
        return {
            "callCenterClaimNumber": number,
            "clientClaimNumber": f"{journal.year}{journal.number + 1:06d}",
        }
    return {}


def _additional_data(journal: Journal) -> Wire:
    purpose = journal.purpose
    if journal.chance(0.5):
        return {
            "Corps de métier": purpose.trade.upper(),
            "Libellé Code panne": purpose.label.partition("/")[2].strip(),
            "OS urgent": "OUI" if purpose.urgent else "NON",
        }
    return {
        "degres_urgence": (
            "Cet incident a été détecté comme urgent"
            if purpose.urgent
            else "Cet incident n'a pas été détecté comme urgent"
        ),
        "localisation_urgence": (
            "Cet incident a été détecté comme étant situé dans les parties privatives"
            if purpose.private
            else "Cet incident a été détecté comme étant situé dans les parties communes"
        ),
        "nom_contact": journal.caller.name,
        "reponse_urgence": journal.pick(ANSWERS_TO_CALLER),
    }
