"""Who is asked: each target answers a question, over connections of the same kind."""

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from benchmarks import psql
from benchmarks.client import Answer, HttpConnection, request
from benchmarks.rentals.questions import Question


class Asking(Protocol):
    """A connection, or a process of psql, on which one question after another is asked."""

    async def ask(self, message: bytes, /) -> object: ...


class Target(Protocol):
    """`name`: in the results; `message`: a question in its bytes, None when it cannot answer it."""

    @property
    def name(self) -> str: ...

    def message(self, question: Question) -> bytes | None: ...

    async def open(self) -> Asking: ...

    async def close(self, opened: Asking) -> None: ...


@dataclass(frozen=True)
class Http:
    """A server of HTTP."""

    name: str
    port: int
    write: Callable[[Question], bytes | None]

    def message(self, question: Question) -> bytes | None:
        return self.write(question)

    async def open(self) -> HttpConnection:
        return await HttpConnection.open(self.port)

    async def close(self, opened: Asking) -> None:
        assert isinstance(opened, HttpConnection)
        opened.close()


@dataclass(frozen=True)
class InPsql:
    """Processes of psql."""

    url: str
    name: str = "psql"

    def message(self, question: Question) -> bytes:
        return psql.script(question.statement())

    async def open(self) -> psql.Psql:
        return await psql.Psql.open(self.url)

    async def close(self, opened: Asking) -> None:
        assert isinstance(opened, psql.Psql)
        await opened.close()


def ours(name: str, port: int, token: str, **more: str) -> Http:
    """The server; `more`: headers by their names with `_` for `-`."""
    headers = {"Authorization": f"Bearer {token}"}
    headers |= {key.replace("_", "-"): value for key, value in more.items()}
    return Http(name, port, lambda question: request("GET", f"/api/{question.path}", headers))


def unchanged(name: str, port: int, token: str, tags: Mapping[str, str]) -> Http:
    """The server, asked by one who has the answer; `tags`: the ETag of each question's."""

    def write(question: Question) -> bytes:
        headers = {"Authorization": f"Bearer {token}", "If-None-Match": tags[question.name]}
        return request("GET", f"/api/{question.path}", headers)

    return Http(name, port, write)


def postgraphile(port: int) -> Http:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    return Http(
        "postgraphile",
        port,
        lambda question: request("POST", "/graphql", headers, question.graphql_body()),
    )


def orm(port: int) -> Http:
    return Http(
        "orm", port, lambda question: request("GET", question.orm, {}) if question.orm else None
    )


async def answer(target: Http, question: Question) -> Answer:
    """An answer with its body."""
    message = target.message(question)
    assert message is not None
    opened = await target.open()
    try:
        return await opened.ask(message, keep=True)
    finally:
        opened.close()


async def check(target: Http, question: Question) -> tuple[set[str], set[str]]:
    """The names of the members answered, of entities and of those expanded.

    Exits when there are not as many as there ought to be.
    """
    got = await answer(target, question)
    if got.status != 200:
        raise SystemExit(f"{target.name}, {question.name}: {got.head!r} {got.body[:500]!r}")
    entities = _entities(json.loads(got.body))
    expanded = [each for entity in entities for each in entity.get("Units", ())]
    if (len(entities), len(expanded)) != question.rows:
        raise SystemExit(
            f"{target.name}, {question.name}: {len(entities)} and {len(expanded)} entities"
            f" instead of {question.rows}"
        )
    return set(entities[0]), set(expanded[0]) if expanded else set()


def _entities(body: Any) -> list[dict[str, Any]]:
    if isinstance(body, dict):
        (body,) = body["data"].values() if "data" in body else (body["value"],)
    assert isinstance(body, list)
    return body


async def check_psql(url: str, target: Http, question: Question) -> int:
    """Bytes of the answer; exits unless psql prints the very documents that are in it."""
    body = (await answer(target, question)).body
    with tempfile.TemporaryDirectory() as directory:
        output, statement = Path(directory, "rows"), question.statement()
        await psql.print_rows(url, statement, output)
        documents = psql.printed(statement, output)
    if not body.endswith(b'"value":[' + b",".join(documents) + b"]}"):
        raise SystemExit(f"{question.name}: psql gives other bytes than the server")
    return len(body)
