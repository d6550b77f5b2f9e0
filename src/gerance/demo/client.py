"""Requests to the application inside this process, as a client sends them."""

from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.types import Message

from gerance.kernel.wire import encode


async def send(
    app: Starlette, method: str, path: str, body: object, headers: Mapping[str, str]
) -> tuple[int, bytes]:
    """The status and the body of the answer to a request with a JSON body."""
    messages = [{"type": "http.request", "body": encode(body), "more_body": False}]
    answered: list[Message] = []

    async def receive() -> Message:
        return messages.pop()

    async def answer(message: Message) -> None:
        answered.append(message)

    lines = {"content-type": "application/json", **headers}
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in lines.items()],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
    }
    await app(scope, receive, answer)
    return answered[0]["status"], b"".join(message.get("body", b"") for message in answered[1:])
