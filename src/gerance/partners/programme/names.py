"""Codes and names as operators give them, and the partner that they speak of."""

import re

from gerance.kernel.db import Connection
from gerance.kernel.errors import Rejection

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", re.ASCII)
_LONGEST_NAME = 100


def check_code(code: str) -> str:
    """A code of a partner or campaign: it is part of names of files and folders.

    Raises Rejection (`CodeRefused`).
    """
    if not _CODE.fullmatch(code):
        raise Rejection(
            "CodeRefused",
            f"The code {code[:60]!r} must have 1 to 40 letters without accents, digits, - and _,"
            " and start with a letter or digit.",
        )
    return code


def check_name(name: str) -> str:
    """A name for people, without blanks around it. Raises Rejection (`NameRefused`)."""
    name = name.strip()
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise Rejection(
            "NameRefused", f"A name must have 1 to {_LONGEST_NAME} characters, on one line."
        )
    return name


async def require_partner_exists(connection: Connection, code: str) -> None:
    """Raise Rejection (`UnknownPartner`) when no partner has the code."""
    rows = await connection.execute("SELECT FROM partner WHERE code = %s", [code])
    if await rows.fetchone() is None:
        raise unknown(code)


async def require_partner(connection: Connection, code: str) -> None:
    """Raise Rejection (`UnknownPartner`) when no partner has the code; lock it until the end of the
    transaction otherwise."""
    rows = await connection.execute("SELECT FROM partner WHERE code = %s FOR UPDATE", [code])
    if await rows.fetchone() is None:
        raise unknown(code)


def unknown(code: str) -> Rejection:
    """No partner has the code."""
    return Rejection("UnknownPartner", f"There is no partner with the code {code}.")
