"""How commands answer: text for people, JSON for programs, both on stdout.

Everything goes through here, so that nothing a stranger supplied reaches the terminal unescaped.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

Home = Annotated[
    str | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help="Directory of the data.",
        show_default="GERANCE_HOME, else ~/.local/share/gerance",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


MOST_OF_A_CELL = 1_000
"""Characters of one cell of a table that are shown."""


def counted(number: int, noun: str) -> str:
    """The number and its noun, which takes an s in the plural."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def say(text: str, *, err: bool = False) -> None:
    """One line of text."""
    from gerance.kernel.escape import printable

    typer.echo(printable(text), err=err)


def say_encoded(encoded: bytes) -> None:
    """One line of JSON that is encoded already."""
    from gerance.kernel.escape import escape_json

    typer.echo(escape_json(encoded.decode()))


def say_json(content: Any) -> None:
    """One line of JSON."""
    import msgspec

    say_encoded(msgspec.json.encode(content))


def say_rows(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], none: str) -> None:
    """A table: `columns` gives the heading of each key that is shown; `none` when it is empty."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        say(none)
        return
    table = Table(*columns.values(), box=None, pad_edge=False)
    for row in rows:
        # As Text: a string would be read as markup.
        table.add_row(*(Text(_cell(row.get(key))) for key in columns))
    console = Console()
    # Cut to the window of a person; whole into a file or a pipe.
    Console(width=None if console.is_terminal else 400).print(table)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    from gerance.kernel.escape import printable

    return "" if value is None else printable(value, MOST_OF_A_CELL)
