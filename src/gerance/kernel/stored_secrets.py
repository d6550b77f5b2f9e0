"""The secrets in the database: which columns have them, and with which keys they are encrypted."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import msgspec
import psycopg
from psycopg import sql

from gerance.kernel import keyring
from gerance.kernel.db import Connection
from gerance.kernel.settings import Settings

PLAIN = ""
"""The id that stands for no key: the value was stored by a release that did not encrypt."""


class SecretColumn(NamedTuple):
    """A column with secrets. `row`: the column by which a value knows its row; `place`: the name
    that values are bound to; `form`: text, bytes, or pairs of names with secret values."""

    table: str
    name: str
    row: str
    place: str
    form: Literal["text", "bytes", "pairs"] = "text"


ENDPOINT_SECRET = "endpoint.secret"  # noqa: S105 - a name
ENDPOINT_HEADERS = "endpoint.headers"
SIGNING_KEY = "integrator.signing_key"
PUSH_TARGET = "partner_push_target.document"
TOTP_SECRET = "account.totp_secret"  # noqa: S105 - a name

COLUMNS = (
    SecretColumn("endpoint", "secret", "uid", ENDPOINT_SECRET),
    # A rotation moves the value from one column to the other.
    SecretColumn("endpoint", "previous_secret", "uid", ENDPOINT_SECRET),
    SecretColumn("endpoint", "headers", "uid", ENDPOINT_HEADERS, "pairs"),
    SecretColumn("integrator", "signing_key", "uid", SIGNING_KEY, "bytes"),
    SecretColumn("partner_push_target", "document", "partner", PUSH_TARGET),
    SecretColumn("account", "totp_secret", "uid", TOTP_SECRET),
)


def encrypt_pairs(uid: str, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers of an endpoint as they are stored: names are readable, values are not."""
    return [(name, keyring.encrypt(ENDPOINT_HEADERS, uid, value)) for name, value in pairs]


def decrypt_pairs(uid: str, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers of an endpoint as they are sent."""
    return [(name, keyring.decrypt(ENDPOINT_HEADERS, uid, value)) for name, value in pairs]


def require_keys(connection: psycopg.Connection[Any], settings: Settings) -> bool:
    """Take the keys of the settings for this process; whether the first one had to be made, which
    is where nothing is encrypted yet. Raises SecretKeyError when one is missing."""
    ring = keyring.use(settings)
    ids_in_use = key_ids(connection) - {PLAIN}
    if is_new := not ids_in_use and not ring.ids():
        ring.create()
    if missing := sorted(ids_in_use - set(ring.ids())):
        raise ring.missing(missing)
    return is_new


def key_ids(connection: psycopg.Connection[Any]) -> set[str]:
    """The ids of the keys that encrypt what is stored, with PLAIN for what is not encrypted."""
    return {each for column in COLUMNS for each in _key_ids_in(connection, column)}


def plain_columns(connection: psycopg.Connection[Any]) -> list[str]:
    """The columns that have values which are not encrypted, as `table.column`."""
    return [f"{c.table}.{c.name}" for c in COLUMNS if PLAIN in _key_ids_in(connection, c)]


async def encrypt_all(connection: Connection) -> int:
    """Encrypt every value that is not under the key which encrypts now; how many there were.

    A value that is changed at the same time is left to who changes it.
    """
    count = 0
    for column in COLUMNS:
        names = _names(column)
        select = sql.SQL("SELECT {row}::text, {value} FROM {table} WHERE {name} IS NOT NULL")
        update = sql.SQL(
            "UPDATE {table} SET {name} = %s WHERE {row}::text = %s AND {value} = %s"
        ).format(**names)
        rows = await connection.execute(select.format(**names))
        for row, stored in await rows.fetchall():
            if (fresh := _fresh(column, row, stored)) is not None:
                count += (await connection.execute(update, [fresh, row, stored])).rowcount
    return count


def _fresh(column: SecretColumn, row: str, stored: Any) -> str | bytes | None:
    """The value under the key that encrypts now; None when it is."""
    current = f"{keyring.PREFIX}{keyring.keyring().ids()[0]}:"
    if column.form == "bytes":
        if stored.startswith(current.encode()):
            return None
        plain = keyring.decrypt_bytes(column.place, row, bytes(stored))
        return keyring.encrypt_bytes(column.place, row, plain)
    if column.form == "pairs":
        pairs: list[tuple[str, str]] = msgspec.json.decode(stored, type=list[tuple[str, str]])
        if all(value.startswith(current) for _, value in pairs):
            return None
        return msgspec.json.encode(encrypt_pairs(row, decrypt_pairs(row, pairs))).decode()
    if stored.startswith(current):
        return None
    return keyring.encrypt(column.place, row, keyring.decrypt(column.place, row, stored))


def _key_ids_in(connection: psycopg.Connection[Any], column: SecretColumn) -> set[str]:
    """The ids of the keys that encrypt the column's values, PLAIN for those that are not."""
    texts = {
        "text": "SELECT {name} AS value FROM {table} WHERE {name} IS NOT NULL",
        "bytes": "SELECT encode({name}, 'escape') AS value FROM {table}",
        "pairs": "SELECT pair ->> 1 AS value FROM {table}"
        " CROSS JOIN LATERAL json_array_elements({name}) pair",
    }
    query = sql.SQL(
        "SELECT DISTINCT CASE WHEN starts_with(value, {prefix}) THEN split_part(value, ':', 3)"
        " ELSE '' END FROM (" + texts[column.form] + ") v"
    ).format(**_names(column), prefix=sql.Literal(keyring.PREFIX))
    return {key_id for (key_id,) in connection.execute(query).fetchall()}


def _names(column: SecretColumn) -> dict[str, sql.Composable]:
    name = sql.Identifier(column.name)
    return {
        "table": sql.Identifier(column.table),
        "name": name,
        "row": sql.Identifier(column.row),
        # json has no equality.
        "value": sql.SQL("{}::text").format(name) if column.form == "pairs" else name,
    }
