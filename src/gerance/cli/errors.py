"""`gerance errors`: what an error code means and what to do."""

from typing import Annotated, Literal

import typer

from gerance.cli.output import say


def errors(
    code: Annotated[
        str | None, typer.Argument(help="The error code; without it, all codes.")
    ] = None,
    language: Annotated[
        Literal["en", "fr"], typer.Option("--language", help="The language of the text.")
    ] = "en",
) -> None:
    """Explain an error code: its HTTP statuses, the APIs that answer with it, and what to do."""
    from gerance.cli.failures import Failure
    from gerance.kernel.errors import CATALOGUE

    if code is not None and code not in CATALOGUE:
        raise Failure(f"There is no error code {code}. Run `gerance errors` to list all codes.")
    for entry in CATALOGUE.values() if code is None else [CATALOGUE[code]]:
        statuses = " or ".join(map(str, entry.status)) or "-"
        say(f"{entry.code} ({statuses}; {', '.join(entry.apis)}): {entry.text(language)}")
