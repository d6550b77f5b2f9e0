"""What a call of a partner may name: its sources and campaigns, the programme's typologies."""

from decimal import Decimal

import msgspec

from gerance.kernel.db import Connection
from gerance.kernel.fold import fold
from gerance.partners.lifecycle.state import Terms
from gerance.partners.parameters.problems import WrongParameter


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign of a partner. `redirect_template`: the URL that its clients are redirected to (see
    `redirect`); `active`: it has not ended."""

    code: str
    free_months: int
    unit_price: Decimal
    options_price: Decimal
    nb_of_options: int
    vat_rate: Decimal | None
    redirect_template: str | None
    by_default: bool
    active: bool = True

    @property
    def terms(self) -> Terms:
        """What the service costs by it, as of now."""
        return Terms(
            free_months=self.free_months,
            unit_price=self.unit_price,
            options_price=self.options_price,
            nb_of_options=self.nb_of_options,
            vat_rate=self.vat_rate,
        )


class Programme(msgspec.Struct, frozen=True):
    """What one partner may name of a client. Its methods raise WrongParameter for what is not
    there. `campaigns`: those that go on, and the client's own.
    """

    partner: str
    sources: list[str]
    campaigns: list[Campaign]
    typologies: list[int]

    def source(self, name: str) -> str:
        """A source as it was set up, whatever its case and accents are in the call."""
        for each in self.sources:
            if fold(each) == fold(name):
                return each
        raise WrongParameter("source")

    def campaign(self, code: str) -> Campaign:
        for each in self.campaigns:
            if each.code == code:
                return each
        raise WrongParameter("campaign")

    def typology(self, text: str) -> int:
        if not text.isdecimal() or int(text) not in self.typologies:
            raise WrongParameter("typology")
        return int(text)

    def campaign_or_default(self, code: str | None) -> Campaign | None:
        """The campaign of that code if it is active, otherwise the default one, if there is one."""
        active = (each for each in self.campaigns if each.active)
        return next((each for each in active if each.code == code), self.default)

    @property
    def default(self) -> Campaign | None:
        """The campaign of calls that name none."""
        return next((each for each in self.campaigns if each.by_default), None)


_READ = (
    "SELECT json_build_object('partner', %(code)s::text, 'sources', (SELECT coalesce(json_agg(name"
    " ORDER BY name), '[]') FROM partner_source WHERE partner = %(code)s AND active),"
    " 'campaigns', (SELECT coalesce(json_agg(json_build_object('code', code, 'free_months',"
    " free_months, 'unit_price', unit_price::text, 'options_price', options_price::text,"
    " 'nb_of_options', nb_of_options, 'vat_rate', vat_rate::text, 'redirect_template',"
    " redirect_template, 'by_default', by_default, 'active', active)), '[]') FROM partner_campaign"
    " WHERE partner = %(code)s AND (active OR code = (SELECT campaign_code FROM partner_customer"
    " WHERE partner = %(code)s AND client_id = %(client_id)s))), 'typologies',"
    " (SELECT coalesce(json_agg(code), '[]') FROM partner_typology WHERE active))::text"
)


async def read_programme(connection: Connection, partner: str, client_id: str) -> Programme:
    """What the partner with this code may name now of a client, who need not be known."""
    rows = await connection.execute(_READ, {"code": partner, "client_id": client_id})
    return msgspec.json.decode((await rows.fetchall())[0][0], type=Programme)
