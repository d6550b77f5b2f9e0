"""Named SQL statements, loaded from the `.sql` file beside a module.

A file holds one section per statement. Its first line names the statement; comment lines after it
say what the statement does. They are not sent to the database:

    -- name: claim_rows
    -- Claim the first rows of each endpoint under a lease.
    UPDATE outbox SET due = %(lease)s ...

Parameters are psycopg's (`%(lease)s`), so a statement is pasted into psql after its parameters are
replaced. A `%` that is no parameter is written `%%`.
"""

import re
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

_SECTION = re.compile(r"^-- name: (.*)$", re.MULTILINE)
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def load(module: str) -> Mapping[str, str]:
    """The statements of `claim.sql` beside the module `….claim`, by name: `load(__name__)`.

    Call it once, at import. Raises ValueError when a name is repeated or malformed, when a
    statement is empty, and when SQL precedes the first name.
    """
    package, _, stem = module.rpartition(".")
    return parse(files(package).joinpath(f"{stem}.sql").read_text("utf-8"), source=f"{stem}.sql")


def parse(text: str, *, source: str) -> Mapping[str, str]:
    """The statements of a file's text, by name; `source` names the file in errors."""
    preamble, *sections = _SECTION.split(text)
    if _without_comments(preamble):
        raise ValueError(f"{source}: SQL before the first `-- name:`.")
    statements: dict[str, str] = {}
    for name, body in zip(sections[::2], sections[1::2], strict=True):
        if _NAME.fullmatch(name) is None:
            raise ValueError(f"{source}: `{name}` is not a name in lower case, as claim_rows is.")
        if name in statements:
            raise ValueError(f"{source}: two statements are named {name}.")
        statements[name] = _without_comments(body).removesuffix(";")
        if not statements[name]:
            raise ValueError(f"{source}: the statement {name} is empty.")
    return MappingProxyType(statements)


def _without_comments(text: str) -> str:
    """The text without the lines that hold nothing but a comment."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("--"))
    return "\n".join(lines).strip()
