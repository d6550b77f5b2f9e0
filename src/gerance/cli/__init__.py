"""The command `gerance`.

One module per group of commands. Commands import what they need when they run, so that `--help`
is fast.
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
from gerance.cli.command_group import CommandGroup
from gerance.cli.output import say
from gerance.cli.signals import stoppable

app = CommandGroup(
    "The open server for property management and its integrators.",
    name="gerance",
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


def _print_version(flag: bool) -> None:
    if flag:
        say(f"gerance {__version__}")
        raise typer.Exit


@app.callback(epilog="Settings are read from options, then GERANCE_* variables, then gerance.toml.")
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """The open server for property management and its integrators."""


def main() -> None:
    """Run the command line. A failure that the user can fix is one line and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that is not UTF-8 shows escapes for characters that it lacks.
            stream.reconfigure(errors="backslashreplace")
    with stoppable() as stop_request:
        try:
            app()
        except SystemExit as exit_request:
            if exit_request.code and stop_request.signal:
                sys.exit(128 + stop_request.signal)
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
