"""`gerance partners campaign` and `typology`: what calls of partners may name."""

from typing import Annotated

import typer

from gerance.cli.connect import of_partner, with_connection
from gerance.cli.output import Home, Json, say

campaigns = typer.Typer(help="What the service costs, by campaign.", no_args_is_help=True)
typologies = typer.Typer(help="The kinds of customers of the programme.", no_args_is_help=True)

Partner = Annotated[str, typer.Argument(help="The code of the partner.", show_default=False)]
Code = Annotated[str, typer.Argument(help="The code of the campaign.", show_default=False)]
Number = Annotated[int, typer.Argument(help="The number of the typology.", show_default=False)]


@campaigns.command("set")
def set_one(
    partner: Partner,
    code: Code,
    unit_price: Annotated[
        str, typer.Option(help="Euros a month, without tax and options.", show_default=False)
    ],
    label: Annotated[
        str | None, typer.Option(help="What people call it.", show_default="its code")
    ] = None,
    free_months: Annotated[int, typer.Option(help="Months before billing starts.")] = 0,
    options: Annotated[int, typer.Option(help="How many options customers have.")] = 0,
    options_price: Annotated[
        str, typer.Option(help="Euros a month for all options, without tax.")
    ] = "0.00",
    vat_rate: Annotated[
        str | None,
        typer.Option(help="VAT in percent.", show_default="that of the customer's country"),
    ] = None,
    redirect: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where customers go on: https, with {client_id}, {partner_code},"
            " {campaign_code}, {source}.",
            show_default="nowhere",
        ),
    ] = None,
    default: Annotated[
        bool, typer.Option("--default", help="The campaign of calls that name none.")
    ] = False,
    home: Home = None,
) -> None:
    """Begin a campaign, or change it for those who are to come: customers keep their terms."""
    from gerance.partners.programme.campaigns import price, set_campaign
    from gerance.partners.programme.programme import Campaign

    campaign = Campaign(
        code=code,
        free_months=free_months,
        unit_price=price(unit_price),
        options_price=price(options_price),
        nb_of_options=options,
        vat_rate=None if vat_rate is None else price(vat_rate),
        redirect_template=redirect,
        by_default=default,
    )
    with_connection(
        home, lambda connection: set_campaign(connection, partner, campaign, label=label or code)
    )
    say(f"{partner} has the campaign {code}.")


@campaigns.command("end")
def end(partner: Partner, code: Code, home: Home = None) -> None:
    """Take no more customers by a campaign; those who came by it stay."""
    from gerance.partners.programme.campaigns import end_campaign

    with_connection(home, lambda connection: end_campaign(connection, partner, code))
    say(f"The campaign {code} of {partner} is over.")


@campaigns.command("list")
def list_all(partner: Partner, home: Home = None, as_json: Json = False) -> None:
    """List the campaigns of a partner by code."""
    from gerance.cli.output import say_json, say_rows
    from gerance.partners.programme.campaigns import list_campaigns

    rows = of_partner(home, partner, lambda connection: list_campaigns(connection, partner))
    if as_json:
        say_json(rows)
        return
    columns = {"code": "Code", "label": "Label", "freeMonths": "Free months", "unitPrice": "Price"}
    columns |= {"nbOfOptions": "Options", "optionsPrice": "Their price", "vatRate": "VAT"}
    columns |= {"byDefault": "Default", "active": "Active", "redirectTemplate": "Goes on to"}
    say_rows(rows, columns, none=f"{partner} has no campaign yet.")


@typologies.command("set")
def set_number(
    number: Number,
    label: Annotated[str, typer.Argument(help="What people call it.", show_default=False)],
    home: Home = None,
) -> None:
    """Add a typology that calls may name, or change its label."""
    from gerance.partners.programme.campaigns import set_typology

    with_connection(home, lambda connection: set_typology(connection, number, label))
    say(f"Typology {number} is {label}.")


@typologies.command("end")
def end_number(number: Number, home: Home = None) -> None:
    """End a typology: calls may not name it any more."""
    from gerance.partners.programme.campaigns import end_typology

    with_connection(home, lambda connection: end_typology(connection, number))
    say(f"Calls name the typology {number} no more.")


@typologies.command("list")
def list_numbers(home: Home = None, as_json: Json = False) -> None:
    """List the typologies by number."""
    from gerance.cli.output import say_json, say_rows
    from gerance.partners.programme.campaigns import list_typologies

    rows = with_connection(home, list_typologies)
    if as_json:
        say_json(rows)
        return
    columns = {"code": "Number", "label": "Label", "active": "Active"}
    say_rows(rows, columns, none="There is no typology yet: `gerance partners typology set`.")
