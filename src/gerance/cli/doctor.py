"""`gerance doctor`: problems of an installation, each with the command that fixes it."""

import typer

from gerance.cli.options import Home, Json
from gerance.cli.output import say


def doctor(home: Home = None, as_json: Json = False) -> None:
    """Check the installation. The exit code is 1 if it has a problem."""
    from gerance.cli.checks import examine
    from gerance.cli.output import say_json
    from gerance.kernel.settings import load_settings

    findings = examine(load_settings(home=home))
    if as_json:
        say_json(findings)
    else:
        for finding in findings:
            say(f"{'ok   ' if finding.ok else 'WRONG'}  {finding.check:11} {finding.message}")
            if finding.remedy:
                say(f"       {'':11} fix: {finding.remedy}")
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)
