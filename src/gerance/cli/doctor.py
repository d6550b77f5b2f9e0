"""`gerance doctor`: problems of an installation, each with the command that fixes it."""

import typer

from gerance.cli.options import Home, Json
from gerance.cli.output import say


def doctor(home: Home = None, as_json: Json = False) -> None:
    """Check the installation. The exit code is 1 if it has a problem."""
    from gerance.cli.checks import examine
    from gerance.cli.output import say_json
    from gerance.kernel.settings import load_settings

    results = examine(load_settings(home=home))
    if as_json:
        say_json(results)
    else:
        for result in results:
            say(f"{'ok   ' if result.ok else 'WRONG'}  {result.check:11} {result.message}")
            if result.remedy:
                say(f"       {'':11} fix: {result.remedy}")
    raise typer.Exit(0 if all(result.ok for result in results) else 1)
