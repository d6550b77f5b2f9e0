"""The partners of the demonstration: campaigns, customers in all states, bills and proposals.

The events of customers come from the product's own commands, executed on days in the past.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from gerance.demo.corpus_people import FIRST_NAMES_OF_MEN, FIRST_NAMES_OF_WOMEN, LAST_NAMES
from gerance.demo.corpus_places import CITIES, STREETS
from gerance.demo.partners_mail import SENDER, propose_from_mail
from gerance.demo.world_identifiers import PhoneBook, siret_of, uid_of
from gerance.kernel.db import Connection, open_pool
from gerance.kernel.errors import CommandAlreadySent
from gerance.kernel.identity.accounts import audit
from gerance.kernel.log.writer import open_writer
from gerance.kernel.months import Month
from gerance.kernel.wire import SafeUUID
from gerance.partners.billing_exchange.access import give_access
from gerance.partners.billing_exchange.billing import bill_partner
from gerance.partners.customers.commands import (
    ActivateService,
    CustomerCommand,
    OfferMonths,
    Terminate,
)
from gerance.partners.customers.daily_job import run_daily_job
from gerance.partners.customers.decide import decide as decide_customer
from gerance.partners.leads.commands import ReceiveLead
from gerance.partners.leads.decide import decide as decide_lead
from gerance.partners.lifecycle.deadlines import Stamp
from gerance.partners.lifecycle.events import PartnerCustomerEvent
from gerance.partners.lifecycle.state import Customer, Details
from gerance.partners.lifecycle.writer import ChangeRequest, Decide, change
from gerance.partners.mail.senders import add_sender
from gerance.partners.programme.campaigns import set_campaign, set_typology
from gerance.partners.programme.partners import add_partner
from gerance.partners.programme.programme import Campaign

# The partner that the demo prints, and its token: demo data, never a secret.
PARTNER: dict[str, str] = {
    "code": "FOUSSIER",
    "source": "Foussier",
    "token": "d4e9b0993d1e437605",
    "sftpUser": "FOUSSIER",
    "sftpPassword": "demo-partenaire-2026",
}
_OTHER = {
    "code": "LEGALLAIS",
    "source": "Legallais",
    "token": "0c7f1be2a95d48e36b",
    "sftpUser": "LEGALLAIS",
    "sftpPassword": PARTNER["sftpPassword"],
}
PARTNERS = (PARTNER, _OTHER)
_SOURCES = {"FOUSSIER": ["Foussier", "Quincaillerie Foussier"], "LEGALLAIS": ["Legallais"]}
_TYPOLOGIES = {1: "Artisan", 2: "Commerçant", 3: "Profession libérale", 4: "Association"}
_TRADES = ("Plomberie", "Menuiserie", "Électricité", "Peinture", "Serrurerie", "Couverture")
_PER_SCALE = 150
_DAYS = 540
_BILLED_MONTHS = 3
_TOGETHER = 100
_SEED = 4
_COMPLETION = "demo partners loaded"


def _campaign(code: str, free_months: int, price: str, **more: object) -> Campaign:
    terms = {
        "options_price": Decimal("0.00"),
        "nb_of_options": 0,
        "vat_rate": None,
        "by_default": False,
    } | more
    address = "https://maquette.gerance.example/{partner_code}/{client_id}?campagne={campaign_code}"
    return Campaign(
        code=code,
        free_months=free_months,
        unit_price=Decimal(price),
        redirect_template=address,
        **terms,  # type: ignore[arg-type]
    )


_CAMPAIGNS = {
    _campaign("STANDARD", 0, "29.90", by_default=True): "Tarif courant",
    _campaign("RENTREE-2026", 2, "24.90"): "Rentrée 2026, deux mois gratuits",
    _campaign(
        "PREMIUM", 1, "49.90", nb_of_options=3, options_price=Decimal("15.00")
    ): "Avec trois options",
}


class _Step(NamedTuple):
    """A command and the day on which it is executed."""

    day: date
    command: ReceiveLead | CustomerCommand


async def load_partners(connection: Connection, url: str, *, scale: int, now: datetime) -> None:
    """Load the partners with `scale` times 150 leads and customers each and the billing files of
    the last months, unless they are there.

    An interrupted load continues when it is called again with the same `now`.
    """
    rows = await connection.execute("SELECT FROM audit WHERE act = %s LIMIT 1", [_COMPLETION])
    if await rows.fetchone() is not None:
        return
    for partner in PARTNERS:
        await _set_up(connection, partner)
    async with (
        open_pool(url, size=6, statement_timeout_ms=0) as pool,
        open_writer(pool) as writer,
    ):

        async def live(partner: str, client_id: str, steps: list[_Step]) -> None:
            for nth, (day, command) in enumerate(steps):
                process = SafeUUID(uid_of(_SEED, "partner process", (partner, client_id, nth)))
                request = ChangeRequest("partner", day, process)
                with suppress(CommandAlreadySent):
                    await change(writer, partner, client_id, request, _deciding(command))

        lives = list(_lives(scale, now.date()))
        for begin in range(0, len(lives), _TOGETHER):
            await asyncio.gather(*(live(*life) for life in lives[begin : begin + _TOGETHER]))
        await run_daily_job(pool, writer, now.date())
    for partner in PARTNERS:
        for months in range(_BILLED_MONTHS, 0, -1):
            period = Month.of(now.date()).plus(-months)
            await bill_partner(connection, partner["code"], period, today=now.date())
    await propose_from_mail(connection, _staying(lives), now.date())
    await audit(connection, "demo", _COMPLETION, str(len(lives)))


def _staying(lives: Sequence[tuple[str, str, list[_Step]]]) -> Iterator[tuple[str, Details]]:
    """Customers of the partner that nothing ends."""
    for partner, client_id, steps in lives:
        if partner == PARTNER["code"] and not any(isinstance(s.command, Terminate) for s in steps):
            for step in steps:
                if isinstance(step.command, ActivateService):
                    yield client_id, step.command.details


def _deciding(command: ReceiveLead | CustomerCommand) -> Decide:
    def execute(state: Customer | None, stamp: Stamp) -> Sequence[PartnerCustomerEvent]:
        if isinstance(command, ReceiveLead):
            return decide_lead(state, command, stamp)
        return decide_customer(state, command, stamp)

    return execute


async def _set_up(connection: Connection, partner: dict[str, str]) -> None:
    code = partner["code"]
    rows = await connection.execute("SELECT FROM partner WHERE code = %s", [code])
    if await rows.fetchone() is None:
        await add_partner(
            connection,
            code=code,
            name=partner["source"],
            sources=_SOURCES[code],
            token=partner["token"],
            actor="demo",
        )
    if partner is PARTNER:
        await add_sender(connection, code, SENDER, actor="demo")
    await give_access(connection, code, password=partner["sftpPassword"], actor="demo")
    for campaign, label in _CAMPAIGNS.items():
        await set_campaign(connection, code, campaign, label=label, actor="demo")
    for number, label in _TYPOLOGIES.items():
        await set_typology(connection, number, label, actor="demo")


def _lives(scale: int, today: date) -> Iterator[tuple[str, str, list[_Step]]]:
    """Partner, client_id and what is asked of each, in order of days."""
    rng, phones = Random(_SEED), PhoneBook(5000)
    for partner in PARTNERS:
        for nth in range(_PER_SCALE * scale):
            code = partner["code"]
            client_id = uid_of(_SEED, code, nth).replace("-", "")[:20]
            number = phones.mobile() if nth < 2000 else "0639980000"
            details = _details(rng, code, nth, number)
            yield code, client_id, list(_steps(rng, details, today))


def _steps(rng: Random, details: Details, today: date) -> Iterator[_Step]:
    """A lead, two in three of which become customers; then random offers and terminations."""
    day = today - timedelta(days=rng.randrange(_DAYS))
    if rng.random() < 0.8:
        yield _Step(day, ReceiveLead(details))
        day += timedelta(days=rng.randrange(1, 30))
        if rng.random() < 0.3:
            return
    if day > today:
        return
    campaigns = {campaign.code: campaign.terms for campaign in _CAMPAIGNS}
    yield _Step(day, ActivateService(details, campaigns, "STANDARD"))
    offer_day = day + timedelta(days=rng.randrange(20, 300))
    if rng.random() < 0.25 and offer_day <= today:
        months = rng.choice((1, 2, 3, 6, 6, 12, None))
        yield _Step(offer_day, OfferMonths(months, "Geste commercial"))
        day = offer_day
    end_day = day + timedelta(days=rng.randrange(30, 400))
    if rng.random() < 0.35 and end_day <= today:
        reason = rng.choice(("Cessation d'activité", "Impayés", "Retraite", "Autre prestataire"))
        last = end_day + timedelta(days=rng.choice((0, 0, 15, 60)))
        yield _Step(end_day, Terminate(last, reason))


def _details(rng: Random, partner: str, nth: int, phone: str) -> Details:
    woman = rng.random() < 0.5
    first = rng.choice(FIRST_NAMES_OF_WOMEN if woman else FIRST_NAMES_OF_MEN)
    last = rng.choice(LAST_NAMES)
    city = rng.choice(list(CITIES.values()))
    campaign = rng.choice(tuple(_CAMPAIGNS))
    firm = rng.random() < 0.7
    return Details(
        source=rng.choice(_SOURCES[partner]),
        campaign_code=campaign.code,
        client_title="Mme" if woman else "M",
        firstname=first,
        lastname=last,
        company_name=f"{rng.choice(_TRADES)} {last}" if firm else None,
        siret=siret_of(_SEED, f"{partner}/{nth}") if firm else None,
        email=f"client{nth}@{partner.lower()}.example",
        phone_number1=f"+33{phone[1:]}",
        address1=f"{rng.randrange(1, 120)} {rng.choice(STREETS)}",
        zipcode=rng.choice(city.zip_codes),
        city=city.name,
        country="FR",
        typology=rng.choice(tuple(_TYPOLOGIES)),
    )
