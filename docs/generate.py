"""Writes the reference pages from the code: settings, commands, errors, entities.

Without arguments it writes them; with `--check` its exit code is 1 when one is stale.
"""

import ast
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import commands
import entities
import error_codes
import msgspec
import typer

from gerance.cli import app
from gerance.kernel import settings
from gerance.kernel.settings import Settings, variable

REFERENCE = Path(__file__).parent / "reference"
NOTE = "<!-- Written by docs/generate.py: do not edit. -->"


def settings_page() -> str:
    """docs/reference/settings.md, from the fields of Settings and the texts below them."""
    meanings = _texts_below_fields()
    lines = [
        NOTE,
        "# Settings",
        "",
        "The value of a setting comes from the first of these sources:",
        "",
        "1. an option of the command line ([command line](command-line.md));",
        "2. an environment variable, unless it is empty;",
        "3. the file `gerance.toml` in the home, with the names of the first column as keys;",
        "4. the default.",
        "",
        "A wrong value or an unknown key stops the command, with the name of the variable or key.",
        "The home itself is not a key of the file. Without `--home` and `GERANCE_HOME` it is",
        "`$XDG_DATA_HOME/gerance`, otherwise `~/.local/share/gerance`.",
        "",
        "| Setting | Variable | Values | Default | Meaning |",
        "|---|---|---|---|---|",
    ]
    for field in msgspec.structs.fields(Settings):
        cells = (
            f"`{field.name}`",
            f"`{variable(field.name)}`",
            _values(msgspec.json.schema(field.type, schema_hook=_schema_of_path)),
            _default(field),
            meanings[field.name],
        )
        lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        "## Example",
        "",
        "```toml",
        "# gerance.toml",
        'database_url = "postgresql://gerance@db.internal/gerance"',
        "workers = 4",
        "secure_cookies = true",
        'log_format = "json"',
        "```",
    ]
    return "\n".join(lines) + "\n"


def command_line_page() -> str:
    """docs/reference/command-line.md, from the typer application."""
    lines = [
        NOTE,
        "# Command line",
        "",
        "`gerance` is in `.venv/bin` after `make setup`. Every command has `--help`.",
        "It uses the installation of `--home`, otherwise that of `GERANCE_HOME`. In a clone, this",
        "selects the demonstration, which need not run:",
        "",
        "```sh",
        'export GERANCE_HOME="$PWD/.gerance" PATH="$PWD/.venv/bin:$PATH"',
        "```",
        "",
        "An error is one line on standard error and exit code 1; a wrong",
        "use of the command line is exit code 2. A command ended by a signal has exit code 128",
        "plus the number of the signal. Servers end with 0.",
        "",
        "Listings have `--json`. Settings without an option are read from the environment and",
        "from `gerance.toml`: see [settings](settings.md).",
    ]
    for path, command in _commands(typer.main.get_command(app), "gerance"):
        lines += ["", f"## `{path}`", "", command.help.strip()]
        arguments = [p for p in command.params if not p.opts[0].startswith("-")]
        options = [p for p in command.params if p.opts[0].startswith("-")]
        if arguments:
            lines += ["", "| Argument | Meaning |", "|---|---|"]
            lines += [f"| `{argument.name.upper()}` | {argument.help} |" for argument in arguments]
        if options:
            lines += ["", "| Option | Meaning | Default |", "|---|---|---|"]
            lines += [f"| `{_usage(o)}` | {_cell(o.help)} | {_shown(o)} |" for o in options]
    return "\n".join(lines) + "\n"


def _texts_below_fields() -> dict[str, str]:
    """The string that follows each field in the class: what the field means."""
    module = ast.parse(Path(settings.__file__).read_text(encoding="utf-8"))
    body = next(n.body for n in module.body if isinstance(n, ast.ClassDef) and n.name == "Settings")
    found = {}
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            assert isinstance(field.target, ast.Name)
            found[field.target.id] = " ".join(str(ast.literal_eval(text.value)).split())
    return found


def _schema_of_path(kind: type) -> dict[str, Any]:
    if kind is Path:
        return {"type": "path"}
    raise TypeError(f"{kind} is no type of a setting")


def _values(schema: dict[str, Any]) -> str:
    if schema.get("type") == "array":
        return "names: a list in the file, by comma in the variable"
    kinds = {"integer": "integer", "number": "number", "boolean": "`true`, `false`", "path": "path"}
    schema = next((s for s in schema.get("anyOf", []) if s.get("type") != "null"), schema)
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    text = kinds.get(schema.get("type", ""), "text")
    least, most = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        text = f"{text}, over {schema['exclusiveMinimum']}"
        return text if most is None else f"{text}, at most {most}"
    if most is not None:
        return f"{text}, {least} to {most}"
    return text if least is None else f"{text}, at least {least}"


def _default(field: msgspec.structs.FieldInfo) -> str:
    follows = {
        "home": "see above",
        "admin_port": "`port` + 1",
        "secure_cookies": "`true` with `tls_cert`, else `false`",
    }
    if field.name in follows:
        return follows[field.name]
    if field.default in (None, (), ""):
        return ""
    return f"`{str(field.default).lower() if field.default in (True, False) else field.default}`"


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, f"{path} {name}")


def _usage(option: Any) -> str:
    name: str = option.opts[0]
    if option.is_flag:
        return name
    kind = option.type_descriptor.annotation
    placeholder = option.metavar or {int: "N", Path: "FILE"}.get(kind, "TEXT")
    return f"{name} {placeholder}"


def _shown(option: Any) -> str:
    if option.required:
        return "required"
    if isinstance(option.show_default, str):
        return option.show_default
    return "" if option.default in (None, False) else f"`{option.default}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


def written() -> dict[str, str]:
    """All pages, by their names below docs/reference."""
    own = {
        "settings.md": settings_page(),
        "command-line.md": command_line_page(),
        "commands.md": commands.page(NOTE),
        "errors.md": f"{NOTE}\n{error_codes.page()}",
    }
    return {**own, **entities.pages()}


def main(arguments: list[str]) -> int:
    """Write the pages; with `--check` only tell which are stale. The exit code."""
    stale = []
    pages = written()
    for name, text in pages.items():
        path = REFERENCE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in arguments:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
    for path in REFERENCE.glob("rentals/*"):
        if f"rentals/{path.name}" not in pages:
            stale.append(f"rentals/{path.name}")
            if "--check" not in arguments:
                path.unlink()
    if "--check" in arguments and stale:
        sys.stderr.write(f"Stale: {', '.join(stale)}. Run: python docs/generate.py\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
