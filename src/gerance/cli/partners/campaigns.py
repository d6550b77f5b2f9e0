"""`gerance partners campaign` and `typology`: prices and kinds of customers."""

from typing import Annotated

import typer

from gerance.cli.command_group import CommandGroup
from gerance.cli.installation import with_connection, with_partner
from gerance.cli.options import Home, Json, PartnerCode
from gerance.cli.output import say, say_list

app = CommandGroup("Manage the campaigns of a partner: prices, free months, options.")
typologies = CommandGroup("Manage the typologies (kinds of customers) of the programme.")

CampaignCode = Annotated[str, typer.Argument(help="Code of the campaign.", show_default=False)]
TypologyNumber = Annotated[int, typer.Argument(help="Number of the typology.", show_default=False)]


@app.command("set")
def set_campaign(
    partner: PartnerCode,
    code: CampaignCode,
    unit_price: Annotated[
        str,
        typer.Option(
            metavar="EUROS",
            help="Price of the service per month, without VAT and options.",
            show_default=False,
        ),
    ],
    label: Annotated[
        str | None, typer.Option(help="Name that people read.", show_default="the code")
    ] = None,
    free_months: Annotated[int, typer.Option(help="Months before billing starts.")] = 0,
    options: Annotated[int, typer.Option(help="Number of options that customers have.")] = 0,
    options_price: Annotated[
        str,
        typer.Option(metavar="EUROS", help="Price of all options per month, without VAT."),
    ] = "0.00",
    vat_rate: Annotated[
        str | None,
        typer.Option(
            metavar="PERCENT", help="VAT rate.", show_default="rate of the customer's country"
        ),
    ] = None,
    redirect: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="https URL to which customers are redirected, with {client_id}, {partner_code},"
            " {campaign_code}, {source}.",
            show_default="none",
        ),
    ] = None,
    default: Annotated[
        bool, typer.Option("--default", help="Use it for requests that name no campaign.")
    ] = False,
    home: Home = None,
) -> None:
    """Add a campaign or change it. Existing customers keep their terms."""
    from gerance.partners.programme import campaigns
    from gerance.partners.programme.programme import Campaign

    campaign = Campaign(
        code=code,
        free_months=free_months,
        unit_price=campaigns.price(unit_price),
        options_price=campaigns.price(options_price),
        nb_of_options=options,
        vat_rate=None if vat_rate is None else campaigns.price(vat_rate),
        redirect_template=redirect,
        by_default=default,
    )
    with_connection(
        home,
        lambda connection: campaigns.set_campaign(
            connection, partner, campaign, label=label or code
        ),
    )
    say(f"Saved the campaign {code} of {partner}.")


@app.command("end")
def end_campaign(partner: PartnerCode, code: CampaignCode, home: Home = None) -> None:
    """End a campaign for new customers. Its existing customers stay."""
    from gerance.partners.programme import campaigns

    with_connection(home, lambda connection: campaigns.end_campaign(connection, partner, code))
    say(f"Ended the campaign {code} of {partner}.")


@app.command("list")
def list_campaigns(partner: PartnerCode, home: Home = None, as_json: Json = False) -> None:
    """List the campaigns of a partner by code."""
    from gerance.partners.programme import campaigns

    rows = with_partner(
        home, partner, lambda connection: campaigns.list_campaigns(connection, partner)
    )
    columns = {"code": "Code", "label": "Label", "freeMonths": "Free months", "unitPrice": "Price"}
    columns |= {"nbOfOptions": "Options", "optionsPrice": "Price of options", "vatRate": "VAT"}
    columns |= {"byDefault": "Default", "active": "Active", "redirectTemplate": "Redirect"}
    say_list(rows, columns, none=f"{partner} has no campaign yet.", as_json=as_json)


@typologies.command("set")
def set_typology(
    number: TypologyNumber,
    label: Annotated[str, typer.Argument(help="Name that people read.", show_default=False)],
    home: Home = None,
) -> None:
    """Add a typology, or change its label."""
    from gerance.partners.programme import campaigns

    with_connection(home, lambda connection: campaigns.set_typology(connection, number, label))
    say(f"Typology {number} is {label}.")


@typologies.command("end")
def end_typology(number: TypologyNumber, home: Home = None) -> None:
    """End a typology: requests can no longer use it."""
    from gerance.partners.programme import campaigns

    with_connection(home, lambda connection: campaigns.end_typology(connection, number))
    say(f"Ended typology {number}.")


@typologies.command("list")
def list_typologies(home: Home = None, as_json: Json = False) -> None:
    """List the typologies by number."""
    from gerance.partners.programme import campaigns

    rows = with_connection(home, campaigns.list_typologies)
    columns = {"code": "Number", "label": "Label", "active": "Active"}
    none = "There is no typology yet. Add one with `gerance partners typology set`."
    say_list(rows, columns, none=none, as_json=as_json)
