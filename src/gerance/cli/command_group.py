"""Groups of commands whose help fits a terminal of 80 columns."""

import copy
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

MAX_RANGE_SHOWN = 1_000_000
"""The largest number that help shows as a limit. Others are those of the database."""

_PLACEHOLDERS: dict[Any, str] = {int: "N", Path: "FILE"}


class _Argument(TyperArgument):
    """An argument whose help shows its name alone."""

    def display_type_rich(self, ctx: Any) -> None:
        return None

    def get_usage_pieces(self, ctx: Any) -> list[str]:
        name = str(self.metavar)
        return [name if self.required else f"[{name}]"]


class _Option(TyperOption):
    """An option whose help shows the range of a number as `1-120`."""

    def _get_number_range_help_str(self) -> str | None:
        if self.max is None or self.max > MAX_RANGE_SHOWN:
            return None
        return f"{self.min}-{self.max}"


class Command(TyperCommand):
    """A command whose help shows values as `--port N [default: 8000]` and flags without a type."""

    def get_params(self, ctx: Any) -> list[Any]:
        return [_for_display(parameter) for parameter in super().get_params(ctx)]


class _Group(TyperGroup):
    def get_params(self, ctx: Any) -> list[Any]:
        return [_for_display(parameter) for parameter in super().get_params(ctx)]


class CommandGroup(typer.Typer):
    """A group of commands; called without a command it prints its help."""

    def __init__(self, help: str, **settings: Any) -> None:  # noqa: A002
        super().__init__(help=help, cls=_Group, no_args_is_help=True, **settings)

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        def register(function: Any) -> Any:
            text = _paragraphs(function.__doc__)
            return add(name, cls=Command, help=text, **settings)(function)

        add = super().command
        return register


def placeholder(parameter: Any) -> str:
    """What stands for the value of an option in its help and in the documentation."""
    if parameter.metavar is not None:
        return str(parameter.metavar)
    if isinstance(parameter, TyperArgument):
        return str(parameter.name).upper()
    return _PLACEHOLDERS.get(parameter.type_descriptor.annotation, "TEXT")


def _paragraphs(docstring: str) -> str:
    """The text with one line for each paragraph: the terminal decides where lines break."""
    paragraphs = inspect.cleandoc(docstring).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _for_display(parameter: Any) -> Any:
    """A copy of a parameter as help prints it."""
    display = copy.copy(parameter)
    if isinstance(parameter, TyperArgument):
        display.__class__ = _Argument
    elif isinstance(parameter, TyperOption):
        display.__class__ = _Option
    if isinstance(parameter, TyperOption) and parameter.is_flag:
        display.metavar = ""
    else:
        display.metavar = placeholder(parameter)
    if isinstance(parameter.show_default, str):
        # Typer would put it into parentheses of its own. The text is markup: "[" is escaped.
        display.help = f"{parameter.help} \\[default: {parameter.show_default}]"
        display.show_default = False
    return display
