"""`gerance partners`: partners, their customers, their bills and their webhooks."""

from gerance.cli.command_group import CommandGroup
from gerance.cli.partners import (
    accounts,
    bills,
    campaigns,
    customers,
    files,
    proposals,
    senders,
    tokens,
    webhooks,
)

app = CommandGroup("Manage partners, their customers, bills and webhooks.")

for _name, _group in (
    ("token", tokens.app),
    ("source", accounts.sources),
    ("campaign", campaigns.app),
    ("typology", campaigns.typologies),
    ("webhook", webhooks.app),
    ("sender", senders.app),
):
    app.add_typer(_group, name=_name, rich_help_panel="Set up")

for _panel, _commands in {
    "Set up": {
        "add": accounts.add,
        "list": accounts.list_partners,
        "disable": accounts.disable,
        "enable": accounts.enable,
        "file-access": files.file_access,
        "push-to": files.push_to,
    },
    "Customers": {
        "customers": customers.customers,
        "offer": customers.offer,
        "terminate": customers.terminate,
    },
    "Bill": {
        "bill": bills.bill,
        "files": bills.files,
        "pushes": files.pushes,
        "push": files.push,
    },
    "Decide on proposals": {
        "proposals": proposals.proposals,
        "approve": proposals.approve,
        "reject": proposals.reject,
    },
}.items():
    for _name, _command in _commands.items():
        app.command(_name, rich_help_panel=_panel)(_command)
