"""Collections and details of the read API: filtered, paged and rendered by the database.

One statement counts, pages and renders. The response has the database's JSON unchanged.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from starlette.responses import Response

from gerance.incidents.rights import Condition
from gerance.kernel.errors import BadRequest, NotFound
from gerance.kernel.fold import fold, words
from gerance.kernel.http.endpoint import Call, Query
from gerance.kernel.http.own_url import own_url
from gerance.kernel.http.ranges import Range
from gerance.kernel.wire import SafeUUID, encode

MOST = 100
"""The most elements that one answer holds."""

RANGE = Query("range", "Which elements: first-last, both from 0 and included, e.g. 0-99.")
FULLTEXT = Query("fulltext", "Only what has all of these words, whatever their accents and case.")
ACTIVE = Query("active", "true: only the active ones; false: only the others.", {"type": "boolean"})


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A collection, in SQL.

    `table`: with its alias; `uid`: its key; `sort`: the text it is ordered by, before the key;
    `joins`: joins that the element needs; `element`: the JSON of an element, in which the parameter
    `server` is the URL of this server.
    """

    table: str
    uid: str
    sort: str
    element: str
    joins: str = ""


async def answer_page(
    call: Call,
    listing: Listing,
    conditions: Sequence[Condition],
    *,
    parent: Condition | None = None,
    links: Sequence[str] = (),
) -> Response:
    """The page that the query selects, as an object with `result`; Content-Range and Accept-Range.

    `links`: its `_links`, each the JSON of a link; without one it has no such member.
    `parent`: a condition in SQL on the owner of the collection; NotFound where it does not hold.
    """
    page_range = Range.parse(call.parameter("range"), default=MOST, most=MOST)
    params: dict[str, Any] = {
        "first": page_range.first,
        "limit": page_range.limit,
        "server": own_url(call.request),
    }
    for condition in (*conditions, *([parent] if parent else [])):
        params |= condition.params
    where = " AND ".join(condition.sql for condition in conditions) or "true"
    sql = (
        f"WITH found AS MATERIALIZED (SELECT {listing.uid} AS uid,"
        f' {listing.sort} COLLATE "C" AS sort FROM {listing.table} WHERE {where})'
        " SELECT (SELECT count(*) FROM found),"
        f" (SELECT coalesce(string_agg(json_strip_nulls({listing.element})::text, ','"
        " ORDER BY page.sort, page.uid), '')"
        " FROM (SELECT uid, sort FROM found ORDER BY sort, uid"
        " LIMIT %(limit)s OFFSET %(first)s) page"
        f" JOIN {listing.table} ON {listing.uid} = page.uid {listing.joins}),"
        f" {parent.sql if parent else 'true'}"
    )
    async with call.pool.connection() as connection:
        row = await (await connection.execute(sql, params)).fetchone()
    assert row is not None
    count, elements, is_there = row
    if not is_there:
        raise NotFound("There is no resource with this uid, or it is out of your reach.")
    also = f',"_links":[{",".join(links)}]' if links else ""
    return Response(
        f'{{"result":[{elements}]{also}}}',
        page_range.status(count),
        headers=page_range.headers(count),
        media_type="application/json",
    )


async def answer_detail(
    call: Call, listing: Listing, name: str, conditions: Sequence[Condition]
) -> Response:
    """The element that the path's parameter `name` names. Raises NotFound: unknown or out of
    reach."""
    uid = call.uid(name)
    params: dict[str, Any] = {"uid": uid, "server": own_url(call.request)}
    for condition in conditions:
        params |= condition.params
    where = " AND ".join([f"{listing.uid} = %(uid)s::uuid", *(c.sql for c in conditions)])
    row = None
    if uid is not None:
        async with call.pool.connection() as connection:
            rows = await connection.execute(
                f"SELECT json_strip_nulls({listing.element})::text FROM {listing.table}"
                f" {listing.joins} WHERE {where}",
                params,
            )
            row = await rows.fetchone()
    if row is None:
        raise NotFound("There is no resource with this uid, or it is out of your reach.")
    return Response(row[0], media_type="application/json")


def fulltext_conditions(call: Call, *texts: str) -> list[Condition]:
    """The condition of `fulltext`: each of its words is in one of the SQL `texts`."""
    text = call.texts("fulltext")
    if text is None:
        return []
    tokens = words(text) or [fold(text.strip())]
    patterns = [f"%{escape_like(word)}%" for word in tokens]
    folded = f"fold(concat_ws(' ', {', '.join(texts)}))"
    return [Condition(f"{folded} LIKE ALL (%(words)s::text[])", {"words": patterns})]


def escape_like(text: str) -> str:
    """`text` as a part of a LIKE pattern that stands for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def uid_parameter(call: Call, name: str) -> SafeUUID | None:
    """A query parameter with a uid. Raises BadRequest for a malformed one."""
    value = call.parameter(name)
    return None if value is None else _uid(name, value)


def uids_parameter(call: Call, name: str) -> list[SafeUUID]:
    """A query parameter with several uids, repeated or by comma. Raises BadRequest for a malformed
    one."""
    parts = (part.strip("[] ") for part in call.array(name))
    return [_uid(name, part) for part in parts if part]


def flag_parameter(call: Call, name: str) -> bool | None:
    """A query parameter that is true or false. Raises BadRequest when it is neither."""
    value = call.parameter(name)
    if value is None:
        return None
    if value.lower() not in ("true", "false"):
        raise BadRequest(f"{name}: expected true or false, got {value[:40]!r}.")
    return value.lower() == "true"


def link(call: Call, rel: str, path: str, method: str = "GET") -> str:
    """The JSON of a link to a path of this server."""
    return encode({"rel": rel, "href": own_url(call.request) + path, "method": method}).decode()


def self_link(call: Call) -> str:
    """The JSON of the link to the collection with the parameters of the request."""
    query = call.request.url.query
    path = quote(call.request.scope["asked_path"])
    return link(call, "self", f"{path}?{query}" if query else path)


def links_sql(path: str, uid: str, commands_path: str = "", commands: Sequence[str] = ()) -> str:
    """SQL: the JSON array of the links of an element: to itself at `path`/`uid`, and its commands.

    `uid`: in SQL; `commands`: the names of those that a PATCH of `commands_path`/`uid` takes.
    """
    links = [("self", path, "GET"), *((name, commands_path, "PATCH") for name in commands)]
    built = (
        f"json_build_object('rel', '{rel}', 'href',"
        f" %(server)s::text || '{start}/' || {uid}::text, 'method', '{method}')"
        for rel, start, method in links
    )
    return f"json_build_array({', '.join(built)})"


def _uid(name: str, value: str) -> SafeUUID:
    try:
        return SafeUUID.parse(value.strip())
    except ValueError as invalid:
        raise BadRequest(f"{name}: {invalid}") from invalid
