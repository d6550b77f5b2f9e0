"""The output of commands: text for people, JSON for programs, both on stdout.

Every command prints through this module, so that untrusted text reaches the terminal escaped.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import typer

MAX_CELL_CHARACTERS = 1_000
"""Characters of a cell that a table shows."""


def count_noun(number: int, noun: str) -> str:
    """The number and its noun, which takes an s in the plural."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def say(text: str, *, err: bool = False) -> None:
    """Print one line of text."""
    from gerance.kernel.escape import printable

    typer.echo(printable(text), err=err)


def say_encoded(document: bytes) -> None:
    """Print one line of JSON that is encoded already."""
    from gerance.kernel.escape import escape_json

    typer.echo(escape_json(document.decode()))


def say_json(content: Any) -> None:
    """Print one line of JSON."""
    import msgspec

    say_encoded(msgspec.json.encode(content))


def say_rows(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], none: str) -> None:
    """Print a table, or `none` when it is empty. `columns` gives the heading of each key."""
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
    # Cut to the window of a person, but complete in a file or a pipe.
    Console(width=None if console.is_terminal else 400).print(table)


def say_list(
    rows: Sequence[Mapping[str, Any]],
    columns: Mapping[str, str],
    *,
    none: str,
    as_json: bool,
) -> None:
    """Print rows as JSON, or as a table (`say_rows`) in which lists are joined by commas."""
    if as_json:
        say_json(rows)
    else:
        say_rows(rows, columns, none)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    from gerance.kernel.escape import printable

    return "" if value is None else printable(value, MAX_CELL_CHARACTERS)
