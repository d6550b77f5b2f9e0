"""How commands answer: text for people, JSON for programs, both on stdout."""

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


def say_json(content: Any) -> None:
    """One line of JSON."""
    import msgspec

    typer.echo(msgspec.json.encode(content).decode())


def say_rows(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], none: str) -> None:
    """A table: `columns` gives the heading of each key that is shown; `none` when it is empty."""
    from rich.console import Console
    from rich.table import Table

    if not rows:
        typer.echo(none)
        return
    table = Table(*columns.values(), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(_cell(row.get(key)) for key in columns))
    console = Console()
    # Cut to the window of a person; whole into a file or a pipe.
    Console(width=None if console.is_terminal else 400).print(table)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
