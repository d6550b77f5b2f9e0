"""The command `gerance`.

One module per group of commands. They import what they run when they run it, so that `--help`
answers at once.
"""

import io
import sys
from typing import Annotated

import typer

from gerance import __version__
from gerance.cli import (
    billing,
    day,
    db,
    demo,
    doctor,
    errors,
    integrators,
    mail,
    partners,
    projections,
    reactions,
    secrets,
    serve,
    sftp,
    users,
    webhooks,
    worker,
)
from gerance.cli.output import say
from gerance.cli.signals import stoppable

app = typer.Typer(
    name="gerance",
    help="The open server for property management and its integrators.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo", rich_help_panel="Start")(demo.demo)
app.command("serve", rich_help_panel="Start")(serve.serve)
app.command("sftp", rich_help_panel="Start")(sftp.sftp)
app.command("worker", rich_help_panel="Start")(worker.worker)
app.add_typer(db.app, name="db", rich_help_panel="Operate")
app.add_typer(day.app, name="day", rich_help_panel="Operate")
app.add_typer(users.app, name="users", rich_help_panel="Operate")
app.add_typer(integrators.app, name="integrators", rich_help_panel="Operate")
app.add_typer(webhooks.app, name="webhooks", rich_help_panel="Operate")
app.add_typer(partners.app, name="partners", rich_help_panel="Operate")
app.add_typer(mail.app, name="mail", rich_help_panel="Operate")
app.add_typer(billing.app, name="billing", rich_help_panel="Operate")
app.add_typer(reactions.app, name="reactions", rich_help_panel="Operate")
app.add_typer(projections.app, name="projections", rich_help_panel="Operate")
app.add_typer(secrets.app, name="secrets", rich_help_panel="Operate")
app.command("doctor", rich_help_panel="Operate")(doctor.doctor)
app.command("errors", rich_help_panel="Operate")(errors.errors)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"gerance {__version__}")
        raise typer.Exit


@app.callback(
    epilog="Settings come from options, then GERANCE_* variables, then gerance.toml in the home."
)
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """The open server for property management and its integrators."""


def main() -> None:
    """Run the command line; failures that a user can fix end in one line and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that is not UTF-8 shows an escape for what it has no letter for.
            stream.reconfigure(errors="backslashreplace")
    with stoppable() as asked:
        try:
            app()
        except SystemExit as ended:
            if ended.code and asked.signal:
                sys.exit(128 + asked.signal)
            raise
        except Exception as error:
            from gerance.cli.failures import drop_output, explain
            from gerance.kernel.logging import traceback_lines

            message = explain(error)
            if isinstance(error, OSError):
                drop_output()
            if message is None:
                lines = ["Traceback:", *traceback_lines(error)]
            else:
                lines = [f"gerance: {' '.join(message.split())}"]
            for line in lines:
                say(line, err=True)
            sys.exit(1)
