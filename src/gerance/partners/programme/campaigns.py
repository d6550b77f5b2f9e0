"""Campaigns of partners and the programme's typologies, as operators handle them."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec
from psycopg.rows import dict_row

from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection
from gerance.kernel.identity.accounts import audit
from gerance.partners.programme.names import check_code, check_name, require_partner
from gerance.partners.programme.programme import Campaign
from gerance.partners.programme.redirect import check_template

_DEAREST = Decimal("9999999999.99")


async def set_campaign(
    connection: Connection,
    partner: str,
    campaign: Campaign,
    *,
    label: str,
    actor: str = "operator",
) -> None:
    """Begin a campaign, or change it for those who are to come: customers keep their terms.

    One that is `by_default` takes the place of the one that was. Raises Rejection: unknown partner,
    code, name, price, number or template that cannot be used.
    """
    row = msgspec.structs.asdict(_check(campaign)) | {
        "partner": partner,
        "label": check_name(label),
    }
    async with connection.transaction():
        await require_partner(connection, partner)
        if campaign.by_default:
            await connection.execute(
                "UPDATE partner_campaign SET by_default = false WHERE partner = %s", [partner]
            )
        columns = ", ".join(row)
        values = ", ".join(f"%({name})s" for name in row)
        updates = ", ".join(f"{name} = excluded.{name}" for name in row)
        await connection.execute(
            f"INSERT INTO partner_campaign ({columns}) VALUES ({values})"
            f" ON CONFLICT (partner, code) DO UPDATE SET {updates}",
            row,
        )
        await audit(connection, actor, "partner campaign set", f"{partner} {campaign.code}")


async def end_campaign(
    connection: Connection, partner: str, code: str, *, actor: str = "operator"
) -> None:
    """Take no more clients by a campaign. Raises Rejection (`UnknownCampaign`)."""
    async with connection.transaction():
        ended = await connection.execute(
            "UPDATE partner_campaign SET active = false, by_default = false"
            " WHERE partner = %s AND code = %s AND active",
            [partner, code],
        )
        if not ended.rowcount:
            raise Rejection("UnknownCampaign", f"{partner} has no running campaign {code}.")
        await audit(connection, actor, "partner campaign ended", f"{partner} {code}")


async def list_campaigns(connection: Connection, partner: str) -> list[dict[str, Any]]:
    """The campaigns of a partner by code, those that are over too."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            'SELECT code, label, free_months AS "freeMonths", unit_price::text AS "unitPrice",'
            ' options_price::text AS "optionsPrice", nb_of_options AS "nbOfOptions",'
            ' vat_rate::text AS "vatRate", redirect_template AS "redirectTemplate",'
            ' by_default AS "byDefault", active FROM partner_campaign WHERE partner = %s'
            " ORDER BY code",
            [partner],
        )
        return await cursor.fetchall()


async def set_typology(
    connection: Connection, code: int, label: str, *, actor: str = "operator"
) -> None:
    """Let calls name a typology, or name it anew. Raises Rejection: number or name refused."""
    if not 0 <= code <= 999_999_999:
        raise Rejection("CodeRefused", "A typology must be a number from 0 to 999999999.")
    async with connection.transaction():
        await connection.execute(
            "INSERT INTO partner_typology (code, label) VALUES (%s, %s)"
            " ON CONFLICT (code) DO UPDATE SET label = excluded.label, active = true",
            [code, check_name(label)],
        )
        await audit(connection, actor, "partner typology set", str(code))


async def end_typology(connection: Connection, code: int, *, actor: str = "operator") -> None:
    """Let calls name a typology no more. Raises Rejection (`UnknownTypology`)."""
    async with connection.transaction():
        ended = await connection.execute(
            "UPDATE partner_typology SET active = false WHERE code = %s AND active", [code]
        )
        if not ended.rowcount:
            raise Rejection("UnknownTypology", f"There is no typology {code}.")
        await audit(connection, actor, "partner typology ended", str(code))


async def list_typologies(connection: Connection) -> list[dict[str, Any]]:
    """All typologies by number."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("SELECT code, label, active FROM partner_typology ORDER BY code")
        return await cursor.fetchall()


def price(text: str) -> Decimal:
    """An amount in euros, `29.90` or `29,90`, not below 0. Raises Rejection (`PriceRefused`)."""
    try:
        amount = Decimal(text.strip().replace(",", "."))
        if not 0 <= amount <= _DEAREST or amount != amount.quantize(Decimal("0.01"), ROUND_HALF_UP):
            raise ValueError(text)
    except (ArithmeticError, ValueError):
        raise Rejection(
            "PriceRefused", f"{text[:40]!r} is not an amount in euros and cents."
        ) from None
    return amount.quantize(Decimal("0.01"))


def _check(campaign: Campaign) -> Campaign:
    check_code(campaign.code)
    if not 0 <= campaign.free_months <= 120:
        raise Rejection("CampaignRefused", "A campaign must have 0 to 120 free months.")
    if not 0 <= campaign.nb_of_options <= 1000:
        raise Rejection("CampaignRefused", "A campaign must have 0 to 1000 options.")
    if campaign.vat_rate is not None and not 0 <= campaign.vat_rate <= 100:
        raise Rejection("CampaignRefused", "A VAT rate must be a percentage from 0 to 100.")
    if campaign.redirect_template is not None:
        check_template(campaign.redirect_template)
    return campaign
